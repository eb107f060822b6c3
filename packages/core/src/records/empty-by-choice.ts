import { feeds } from "../feeds/feeds.js";
import { fieldSources } from "./field-sources.js";
import type { CompanyProfile } from "./map-context.js";
import { usedFieldsOf } from "./used-fields.js";

/** The columns that a company has agreed to be empty: by a feed that it leaves out, or a field that may be absent. */
export function emptyByChoice({
  columns,
  feedsOff,
  acceptAbsent,
}: Pick<CompanyProfile, "columns" | "feedsOff" | "acceptAbsent">): ReadonlySet<string> {
  const ofFeeds = Object.values(fieldSources).flatMap((sources) =>
    Object.entries(sources).flatMap(([column, source]) =>
      source.feeds.some((feed) => feedsOff.includes(feed)) ? [column] : [],
    ),
  );
  const ofFields = Object.keys(feeds).flatMap((feed) => {
    const stillUsed = new Set(usedFieldsOf(feed, columns, acceptAbsent).map(({ path }) => path));
    const given = usedFieldsOf(feed, columns);
    const fields = given.filter(({ path }) => feedsOff.includes(feed) || !stillUsed.has(path));
    return fields.flatMap((field) => field.columns);
  });
  return new Set([...ofFeeds, ...ofFields]);
}
