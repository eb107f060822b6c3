import type { TitanSync } from "@titan-sync/core";
import { formatCount } from "../output/format.js";

const pageSize = 100;
/** So many pages tell which reasons lead. */
const pages = 20;
const shownReasons = 3;

/** The most frequent reasons, such as `address 12, names 3`. */
export async function topRejectionReasons(
  rejections: Pick<TitanSync["rejections"], "list">,
): Promise<string> {
  const counts = new Map<string, number>();
  let cursor: string | null = null;
  for (let page = 0; page < pages; page += 1) {
    const { items, next } = await rejections.list({}, { limit: pageSize, cursor });
    for (const rule of items.flatMap(({ rules }) => rules)) counts.set(rule, (counts.get(rule) ?? 0) + 1);
    cursor = next;
    if (cursor === null) break;
  }
  return [...counts]
    .sort(([, left], [, right]) => right - left)
    .slice(0, shownReasons)
    .map(([rule, count]) => `${rule} ${formatCount(count)}`)
    .join(", ");
}
