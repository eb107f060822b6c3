import type { JobQueue, Storage } from "@titan-sync/core";

/** @returns the run ids. */
export async function fillQueue(
  { storage, queue }: { readonly storage: Storage; readonly queue: JobQueue },
  { credentials, jobsOfEach }: { readonly credentials: number; readonly jobsOfEach: number },
): Promise<readonly string[]> {
  const runIds: string[] = [];
  for (let number = 0; number < credentials; number += 1) {
    const companyId = `company ${Math.floor(number / 2)}`;
    const environment = number % 2 === 0 ? "production" : "integration";
    const secrets = { clientId: "x", clientSecret: "x", appKey: "x" };
    const credentialId = `credential ${number}`;
    await storage.createCredential({
      id: credentialId,
      companyId,
      tenantId: "1",
      environment,
      ...secrets,
      status: "connected",
    });
    for (let job = 0; job < jobsOfEach; job += 1) {
      const runId = `${credentialId}, job ${job}`;
      await queue.enqueue({
        runId,
        credentialId,
        companyId,
        type: "scheduled",
        data: "both",
        mode: "incremental",
        fresh: false,
        rederive: false,
        replay: false,
        from: new Date(Date.UTC(2026, 0, 1 + job)).toISOString(),
        to: null,
        by: null,
        allowRemovals: false,
        actor: "campaign",
        priority: job % 3 === 0 ? "manual" : "scheduled",
      });
      runIds.push(runId);
    }
  }
  return runIds;
}
