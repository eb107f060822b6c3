import { type CredentialStatus, eachItem, type StoredRun, type TitanSync } from "@titan-sync/core";
import { type Finding, problem, warning } from "./finding.js";

/** Where states, and the runs behind them, are found. */
export interface StateSource {
  readonly status: Pick<TitanSync["status"], "list">;
  readonly runs: Pick<TitanSync["runs"], "find">;
}

/**
 * Reports credentials that need attention although their connection works, by the state that everything else shows, too.
 */
export async function checkStates({ status, runs }: StateSource): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for await (const credential of eachItem((page) => status.list({}, page))) {
    const last = credential.last === null ? null : await runs.find(credential.last.runId);
    const finding = judge(credential, last) ?? judgeRunning(credential);
    if (finding !== null) findings.push(finding);
  }
  return findings;
}

/** @param run - The last one that ended; `null` if there is none, or it was pruned. */
function judge(credential: CredentialStatus, run: StoredRun | null): Finding | null {
  const { state, why, last } = credential;
  const about = { check: "sync", credentialId: credential.credentialId } as const;
  const text = `${nameOf(credential)}: ${state}. ${why}`;
  const error = run?.error ?? null;
  switch (state) {
    case "refused":
      // The check of its connection has just asked ServiceTitan, and says more.
      return null;
    case "never":
    case "failing":
      if (last?.status !== "failed") return null;
      return problem(
        about,
        error === null ? text : `${text} ${error.message}`,
        error?.hint ?? "Run another sync. If it fails again, report it.",
      );
    case "late":
      return problem(
        about,
        text,
        '"titan-sync schedule starts" shows the outcome of each start. Check that workers are running.',
      );
    case "degraded": {
      const reasons = (run?.warnings ?? []).filter(({ code }) => code === "FEED_DEGRADED");
      return warning(
        about,
        [text, ...reasons.map(({ message }) => message)].join(" "),
        "Fix the causes that it names, then run another sync.",
      );
    }
    case "paused":
      return warning(about, text, `Resume it with: titan-sync credential resume ${credential.credentialId}`);
    case "fresh":
      return null;
  }
}

/** A credential may be fresh while the worker of its next run is gone. */
function judgeRunning(credential: CredentialStatus): Finding | null {
  if (credential.running?.status !== "lost") return null;
  return warning(
    { check: "sync", credentialId: credential.credentialId },
    `${nameOf(credential)}: run ${credential.running.runId} has lost its worker, and nobody has continued it yet.`,
    'The next worker or sync continues it: start one with "titan-sync worker" or "titan-sync serve".',
  );
}

function nameOf({ companyId, environment, tenantId }: CredentialStatus): string {
  return `Company ${companyId}, ${environment}, tenant ${tenantId}`;
}
