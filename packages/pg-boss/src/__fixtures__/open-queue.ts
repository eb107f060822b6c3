import type { JobQueue, Storage, SyncJob } from "@titan-sync/core";
import { type ManualClock, manualClock } from "@titan-sync/core/testing";
import { postgresStorage } from "@titan-sync/postgres";
import type { Pool } from "pg";
import { PgBoss } from "pg-boss";
import { onTestFinished } from "vitest";
import { pgBossJobQueue } from "../pg-boss-job-queue.js";
import { createQueueDatabase } from "./queue-database.js";

export interface OpenQueue {
  readonly url: string;
  readonly pool: Pool;
  readonly storage: Storage;
  readonly clock: ManualClock;
  readonly queue: JobQueue;
  /** As it is in another process. */
  readonly other: JobQueue;
}

/** Two instances on a fresh database, until the test has finished. */
export async function openQueue(): Promise<OpenQueue> {
  const { url, pool, drop } = await createQueueDatabase();
  const clock = manualClock();
  const storage = postgresStorage({ pool });
  const queue = pgBossJobQueue({ pool, storage, clock });
  const other = pgBossJobQueue({ pool, storage, clock });
  onTestFinished(async () => {
    await queue.close();
    await other.close();
    await storage.close();
    await drop();
  });
  return { url, pool, storage, clock, queue, other };
}

/** pg-boss as operators use it. */
export async function openBoss(url: string): Promise<PgBoss> {
  const boss = new PgBoss({
    connectionString: url,
    schema: "titan_sync_jobs",
    supervise: false,
    schedule: false,
    migrate: false,
  });
  boss.on("error", () => undefined);
  await boss.start();
  onTestFinished(() => boss.stop({ graceful: false }));
  return boss;
}

export async function addCredential(storage: Storage, id: string, companyId: string = id): Promise<void> {
  await storage.createCredential({
    id,
    companyId,
    tenantId: "1",
    environment: "production",
    clientId: "encrypted",
    clientSecret: "encrypted",
    appKey: "encrypted",
    status: "connected",
  });
}

export function jobOf(credentialId: string, given: Partial<SyncJob> = {}): SyncJob {
  return {
    runId: `run of ${credentialId}`,
    credentialId,
    companyId: credentialId,
    type: "scheduled",
    data: "both",
    mode: "incremental",
    fresh: false,
    rederive: false,
    replay: false,
    from: null,
    to: null,
    by: null,
    allowRemovals: false,
    actor: "schedule",
    priority: "scheduled",
    ...given,
  };
}
