import type { CredentialSummary, StoredRun, TitanSync } from "@titan-sync/core";
import { type Finding, problem, warning } from "./finding.js";

type Credential = Pick<CredentialSummary, "id" | "companyId" | "environment" | "tenantId">;

/** The number of newest runs to search for one that has ended. */
const maxRuns = 20;

/** Reports credentials whose last sync failed or was incomplete, which a working connection does not show. */
export async function checkLastRuns(
  { runs }: { readonly runs: Pick<TitanSync["runs"], "list"> },
  credentials: readonly Credential[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const credential of credentials) {
    const { items } = await runs.list({ credentialId: credential.id }, { limit: maxRuns });
    const last = items.find(({ status }) => ended.has(status));
    const finding = last === undefined ? null : judge(credential, last);
    if (finding !== null) findings.push(finding);
  }
  return findings;
}

const ended: ReadonlySet<StoredRun["status"]> = new Set(["completed", "partial", "failed"]);

function judge({ id, companyId, environment, tenantId }: Credential, run: StoredRun): Finding | null {
  const about = { check: "sync", credentialId: id } as const;
  const name = `Company ${companyId}, ${environment}, tenant ${tenantId}`;
  if (run.status === "failed") {
    return problem(
      about,
      `${name}: the last sync failed. ${run.error?.message ?? "No reason was stored."}`,
      run.error?.hint ?? "Run another sync. If it fails again, report it.",
    );
  }
  if (run.status === "partial") {
    const reasons = run.warnings.filter(({ code }) => code === "FEED_DEGRADED");
    const messages = reasons.map(({ message }) => message);
    return warning(
      about,
      [`${name}: the last sync was incomplete.`, ...messages].join(" "),
      "Fix the causes that it names, then run another sync.",
    );
  }
  return null;
}
