import type { CredentialSummary, TitanSync } from "@titan-sync/core";
import { formatCount } from "../../output/format.js";
import { type Finding, warning } from "./finding.js";

/** Tells of rows that ServiceTitan gave and that no record could be made of: nobody else misses them. */
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
        'See "titan-sync rejections list --stage structure". When a newer version or a setting takes them: "titan-sync rejections replay".',
      ),
    );
  }
  return findings;
}
