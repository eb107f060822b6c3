import type { RunResult, TitanSync } from "@titan-sync/core";
import type { ChangedEntity } from "@titan-sync/simulator";
import { countOf, formatCount, rate } from "../output/format.js";
import { topRejectionReasons } from "./rejection-reasons.js";

/** What a first run did, a figure a line. */
export async function summariseFirstRun(
  rejections: Pick<TitanSync["rejections"], "count">,
  result: RunResult,
): Promise<string> {
  const { successful, unchanged, failed } = result.ledger;
  const read = sumOfFeeds(result, "read");
  const reasons = failed === 0 ? "" : `: ${await topRejectionReasons(rejections)}`;
  const lines: readonly (readonly [string, string])[] = [
    ["rows read", formatCount(read)],
    ["delivered", `${formatCount(successful)} (${byRecord(result)})`],
    ["unchanged", formatCount(unchanged)],
    ["left out", `${formatCount(sumOfRecords(result, "leftOut"))} (inactive invoices)`],
    ["rejected", `${formatCount(failed)}${reasons}`],
    ["requests", formatCount(result.api.requests)],
    [
      "429s met",
      `${formatCount(result.api.throttled)}, and ${formatCount(result.api.retries)} other failures, all retried`,
    ],
    ["seconds", (result.durationMs / 1000).toFixed(1)],
    ["rows per second", formatCount(rate(read, result.durationMs) ?? 0)],
  ];
  return lines.map(([name, value]) => `${name.padEnd(17)}${value}`).join("\n");
}

/** `12 customers, 9 customer-contacts, …`, by feed. */
export function describeChanges(changed: readonly ChangedEntity[]): string {
  const counts = new Map<string, number>();
  for (const { feed } of changed) counts.set(feed, (counts.get(feed) ?? 0) + 1);
  return [...counts].map(([feed, count]) => `${formatCount(count)} of ${feed}`).join(", ");
}

/** That only what changed has moved. */
export function summariseSecondRun(changed: number, second: RunResult, first: RunResult): string {
  const { successful, unchanged, failed } = second.ledger;
  const others = first.ledger.successful - sumOfRecords(second, "derived");
  return [
    `${countOf(changed, "entity", "entities")} changed, ${countOf(sumOfFeeds(second, "landed"), "row")} landed.`,
    `${countOf(successful, "record")} of these delivered (${byRecord(second)}), ` +
      `${formatCount(unchanged)} turned out unchanged, ${formatCount(failed)} rejected.`,
    `The other ${countOf(Math.max(0, others), "record")} were not touched.`,
    `It took ${countOf(second.api.requests, "request")} (the first sync ${formatCount(first.api.requests)}) ` +
      `and ${(second.durationMs / 1000).toFixed(1)} seconds.`,
  ].join("\n");
}

function byRecord(result: RunResult): string {
  const { member, invoice } = result.ledger.records;
  return `${countOf(member?.delivered ?? 0, "member")}, ${countOf(invoice?.delivered ?? 0, "invoice")}`;
}

function sumOfRecords(result: RunResult, figure: "derived" | "leftOut"): number {
  return Object.values(result.ledger.records).reduce((sum, figures) => sum + figures[figure], 0);
}

function sumOfFeeds(result: RunResult, figure: "read" | "landed"): number {
  return Object.values(result.ledger.feeds).reduce((sum, figures) => sum + figures[figure], 0);
}
