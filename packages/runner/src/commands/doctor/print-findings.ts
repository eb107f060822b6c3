import { countOf } from "../../output/format.js";
import { styleFor } from "../../output/style.js";
import { writeLine } from "../../output/write.js";
import type { CommandContext } from "../../program/context.js";
import type { Finding, FindingLevel } from "./finding.js";

const signs = {
  ok: ["green", "✓"],
  warning: ["yellow", "!"],
  problem: ["red", "✗"],
} as const satisfies Readonly<Record<FindingLevel, readonly [string, string]>>;

/** A line for each finding, what to do below it, and at the end how it stands. */
export async function printFindings(
  { stdout, environment }: Pick<CommandContext, "stdout" | "environment">,
  findings: readonly Finding[],
): Promise<void> {
  const style = styleFor(stdout, environment);
  for (const { check, level, message, hint } of findings) {
    const [color, sign] = signs[level];
    await writeLine(stdout, `${style(color, sign)} ${check}: ${message}`);
    if (hint !== null) await writeLine(stdout, `  hint: ${hint}`);
  }
  await writeLine(stdout, `\n${summaryOf(findings)}`);
}

function summaryOf(findings: readonly Finding[]): string {
  const count = (level: FindingLevel): number => findings.filter((finding) => finding.level === level).length;
  const [problems, warnings] = [count("problem"), count("warning")];
  if (problems + warnings === 0) return "No problems found.";
  return `${countOf(problems, "problem")}, ${countOf(warnings, "warning")}.`;
}
