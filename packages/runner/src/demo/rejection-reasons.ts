import type { TitanSync } from "@titan-sync/core";
import { formatCount } from "../output/format.js";

const shownReasons = 3;

/** The most frequent reasons, such as `address 12, names 3`. */
export async function topRejectionReasons(
  rejections: Pick<TitanSync["rejections"], "count">,
): Promise<string> {
  const counts = new Map<string, number>();
  for (const { rules, count } of await rejections.count({})) {
    for (const rule of rules) counts.set(rule, (counts.get(rule) ?? 0) + count);
  }
  return [...counts]
    .sort(([, left], [, right]) => right - left)
    .slice(0, shownReasons)
    .map(([rule, count]) => `${rule} ${formatCount(count)}`)
    .join(", ");
}
