import { setTimeout as delay } from "node:timers/promises";
import { type Logger, systemClock } from "@titan-sync/core";
import type { QueueContext } from "./job-queue/queue-context.js";

const everyMs = 10 * 60_000;
/** Canceled in one transaction. */
const step = 500;

export interface Maintenance {
  /** Begins it in the background when it was last done some time ago. Never fails. */
  mayRun(): void;
  /** Waits until it has ended. */
  close(): Promise<void>;
}

/**
 * What has to be done now and then, by any process that claims: there is no timer that would have to be stopped. Several
 * processes may do it at once.
 */
export function pgBossMaintenance(context: QueueContext, logger: Logger): Maintenance {
  const clock = context.clock ?? systemClock;
  let lastAt = clock.now();
  let running: Promise<void> | null = null;
  let isClosed = false;

  async function run(): Promise<void> {
    try {
      await cancelOrphans(context, () => isClosed);
      await forgetTurns(context);
      await context.carrier.maintain();
    } catch (error) {
      const reason = error instanceof Error ? error.name : "unknown";
      logger.warn({ jobsSchema: context.tables.schema, reason }, "Maintenance of the job queue failed.");
    } finally {
      running = null;
    }
  }

  return {
    mayRun() {
      if (isClosed || running !== null || clock.now() - lastAt < everyMs) return;
      lastAt = clock.now();
      running = run();
    },
    async close() {
      isClosed = true;
      await running;
    },
  };
}

/** The jobs of credentials that were removed, which pg-boss still shows. */
async function cancelOrphans(
  { database, tables, carrier }: QueueContext,
  isClosed: () => boolean,
): Promise<void> {
  for (let canceled = step; canceled === step && !isClosed(); await delay(0)) {
    canceled = await database.transaction(async (transaction) => {
      const { rows } = await transaction.query<{ jobId: string }>(
        `DELETE FROM ${tables.jobs} WHERE job_id = ANY (ARRAY(
          SELECT job_id FROM ${tables.jobs} WHERE credential_id IS NULL LIMIT ${step} FOR UPDATE SKIP LOCKED
        )) RETURNING job_id::text AS "jobId"`,
      );
      await carrier.cancel(
        transaction,
        rows.map(({ jobId }) => jobId),
      );
      return rows.length;
    });
  }
}

/** Of companies that are gone. */
async function forgetTurns({ database, tables }: QueueContext): Promise<void> {
  await database.query(
    `DELETE FROM ${tables.turns} turn WHERE NOT EXISTS (
      SELECT FROM ${database.tables.credentials} credential WHERE credential.company_id = turn.company_id
    )`,
  );
}
