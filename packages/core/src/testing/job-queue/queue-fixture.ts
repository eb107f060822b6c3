import { randomUUID } from "node:crypto";
import type { ClaimedJob, JobPriority, JobQueue, SyncJob } from "../../ports/job-queue.js";
import type { Environment } from "../../ports/tenant.js";
import type { JobQueueUnderTest } from "./queue-under-test.js";

export const claimMs = 60_000;
export const minuteMs = 60_000;

/** Of a company's credentials, one. */
export interface CredentialUnderTest {
  readonly companyId: string;
  readonly credentialId: string;
}

/** An empty queue, of which each verb is called on another instance than the one before. */
export interface QueueFixture {
  /** The next instance. */
  readonly queue: JobQueue;
  readonly under: JobQueueUnderTest;
  newCredential(params?: {
    readonly companyId?: string;
    readonly environment?: Environment;
  }): Promise<CredentialUnderTest>;
  claim(minPriority?: JobPriority): Promise<ClaimedJob | null>;
  /** Claims a job that must be there. */
  claimOne(minPriority?: JobPriority): Promise<ClaimedJob>;
  /** The run ids of all jobs that can be claimed now, each completed before the next is claimed. */
  drain(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export function useQueue(under: JobQueueUnderTest): QueueFixture {
  let turn = 0;
  const next = (): JobQueue => {
    turn += 1;
    return under.queues[turn % under.queues.length] ?? under.queues[0];
  };
  const claim = (minPriority?: JobPriority) => next().claim({ worker: "worker 1", claimMs, minPriority });

  return {
    get queue() {
      return next();
    },
    under,

    async newCredential({ companyId = randomUUID(), environment = "production" } = {}) {
      const credentialId = randomUUID();
      await under.storage.createCredential({
        id: credentialId,
        companyId,
        tenantId: "1",
        environment,
        clientId: "encrypted",
        clientSecret: "encrypted",
        appKey: "encrypted",
        status: "pending",
      });
      return { companyId, credentialId };
    },

    claim,
    async claimOne(minPriority) {
      const claimed = await claim(minPriority);
      if (claimed === null) throw new Error("There was no job to claim.");
      return claimed;
    },

    async drain() {
      const runIds: string[] = [];
      for (let claimed = await claim(); claimed !== null; claimed = await claim()) {
        runIds.push(claimed.job.runId);
        await next().complete(claimed.claimId);
      }
      return runIds;
    },

    async close() {
      if (under.close !== undefined) return await under.close();
      for (const queue of under.queues) await queue.close();
      await under.storage.close();
    },
  };
}

/** A job with what tests seldom care about filled in. Two of a credential are equal if their requests are. */
export function jobOf(credential: CredentialUnderTest, given: Partial<SyncJob> = {}): SyncJob {
  return {
    runId: randomUUID(),
    ...credential,
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
