import type { CredentialSummary, Difference, TitanSync } from "@titan-sync/core";
import { type Finding, type FindingLevel, good } from "./finding.js";
import { problemOf } from "./problem-of.js";

const levels = {
  problem: "problem",
  warning: "warning",
  note: "ok",
} as const satisfies Readonly<Record<Difference["level"], FindingLevel>>;

/**
 * Compares what is stored with itself, with the sink and with ServiceTitan, one credential after the other.
 * @throws the signal's reason when a person stops.
 */
export async function checkConsistency(
  titan: Pick<TitanSync, "verify">,
  credentials: readonly CredentialSummary[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { id, companyId, environment, tenantId } of credentials) {
    const about = { check: "consistency", credentialId: id } as const;
    const name = `Company ${companyId}, ${environment}, tenant ${tenantId}`;
    try {
      const { differences } = await titan.verify({ credentialId: id, actor: "cli", signal });
      if (differences.length === 0) findings.push(good(about, `${name}: everything agrees.`));
      for (const { code, level, message, hint, counts, examples } of differences) {
        findings.push({
          ...about,
          level: levels[level],
          message: `${name}: ${message}${suchAs(examples)}`,
          hint,
          code,
          counts,
        });
      }
    } catch (error) {
      signal.throwIfAborted();
      const found = problemOf(about, error);
      findings.push({ ...found, message: `${name}: ${found.message}` });
    }
  }
  return findings;
}

function suchAs(examples: readonly string[]): string {
  return examples.length === 0 ? "" : ` Examples: ${examples.join(", ")}.`;
}
