import type { CredentialSummary, TitanSync } from "@titan-sync/core";
import { formatCount } from "../../output/format.js";
import { type Finding, warning } from "./finding.js";

/** Reports rows that could not become a record: nothing else shows that they are missing. */
export async function checkRejections(
  { rejections }: { readonly rejections: Pick<TitanSync["rejections"], "count"> },
  credentials: readonly Pick<CredentialSummary, "id" | "companyId" | "environment">[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { id, companyId, environment } of credentials) {
    const counted = await rejections.count({ companyId, credentialId: id, stage: "structure" });
    if (counted.length === 0) continue;
    const rows = counted.map(
      ({ feed, rules, count }) => `${formatCount(count)} of ${feed} (${rules.join(", ")})`,
    );
    findings.push(
      warning(
        { check: "rejections", credentialId: id },
        `Rows of company ${companyId}, ${environment}, are rejected: ${rows.join("; ")}.`,
        'See "titan-sync rejections list --stage structure". Once a newer version or a setting accepts them, run "titan-sync rejections replay".',
      ),
    );
  }
  return findings;
}
