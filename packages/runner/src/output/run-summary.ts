import type {
  DryRunDiff,
  RecordFigures,
  RecordType,
  RunLedger,
  RunResult,
  RunStatus,
} from "@titan-sync/core";
import { countOf, formatCount, formatDuration } from "./format.js";
import { titleOf } from "./progress/progress-view.js";
import type { Style } from "./style.js";

const statusColors: Readonly<Record<RunStatus, "green" | "yellow" | "red">> = {
  completed: "green",
  paused: "yellow",
  partial: "yellow",
  cancelled: "yellow",
  failed: "red",
  queued: "red",
  running: "red",
  lost: "red",
};

/** How a run that was stopped continues. */
const nextSteps: Readonly<Partial<Record<RunStatus, string>>> = {
  paused: "Rows read and records delivered so far are kept; the same command continues this run.",
  cancelled:
    "Rows read and records delivered so far are kept; the next incremental sync continues from there.",
};

/** What a run did, for people. */
export function summariseRun(title: string, result: RunResult, style: Style): string {
  const status = style(statusColors[result.status], result.status);
  const lines = [`${style("bold", title)}: ${status} in ${formatDuration(result.durationMs)}`];
  for (const record of ["member", "invoice"] as const) {
    const figures = result.ledger.records[record];
    if (figures !== undefined) lines.push(`  ${describeRecords(record, figures)}`);
  }
  lines.push(...describeRejectedRows(result.ledger));
  if (result.diff !== null) lines.push(describeDiff(result.diff));
  const { requests, throttled, retries } = result.api;
  lines.push(
    `  ${countOf(requests, "request")}, ${formatCount(throttled)} throttled, ${formatCount(retries)} retried`,
  );
  for (const warning of result.warnings) {
    const count = warning.count === null ? "" : ` (${formatCount(warning.count)})`;
    lines.push(`  ${style("yellow", "warning")} ${warning.message}${count}`);
  }
  const next = nextSteps[result.status];
  if (next !== undefined && result.diff === null) lines.push(`  ${next}`);
  if (result.error !== null) lines.push(`  ${style("red", "error")} ${result.error.message}`);
  if (result.error?.hint) lines.push(`  hint: ${result.error.hint}`);
  return lines.join("\n");
}

/** Rows that never became records. */
function describeRejectedRows({ feeds }: Pick<RunLedger, "feeds">): readonly string[] {
  const rejected = Object.entries(feeds).filter(([, figures]) => figures.rejected > 0);
  if (rejected.length === 0) return [];
  const parts = rejected.map(([feed, figures]) => `${formatCount(figures.rejected)} of ${feed}`);
  return [`  ${"Rows".padEnd(9)}rejected: ${parts.join(", ")}`];
}

/** Only counts and positions: values are customers' names and addresses. */
function describeDiff({ insert, update, remove, reject, unchanged, samples }: DryRunDiff): string {
  const counts = [
    `${formatCount(insert)} new`,
    `${formatCount(update)} changed`,
    `${formatCount(remove)} removed`,
    `${formatCount(reject)} rejected`,
    `${formatCount(unchanged)} unchanged`,
  ];
  const lines = samples.map(({ operation, record, key, changed, rules }) => {
    const details = [...changed, ...rules].join(", ");
    return `    ${operation} ${record} ${key}${details === "" ? "" : `: ${details}`}`;
  });
  return [`  dry run: ${counts.join(", ")}; nothing was changed`, ...lines].join("\n");
}

function describeRecords(record: RecordType, figures: RecordFigures): string {
  const parts = [
    `${formatCount(figures.delivered)} delivered`,
    `${formatCount(figures.unchanged)} unchanged`,
    `${formatCount(figures.rejected)} rejected`,
  ];
  if (figures.removed > 0) parts.push(`${formatCount(figures.removed)} of the delivered items are removals`);
  if (figures.leftOut > 0) parts.push(`${formatCount(figures.leftOut)} left out`);
  return `${titleOf(record).padEnd(9)}${parts.join(", ")}`;
}
