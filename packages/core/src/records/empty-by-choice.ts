import type { RecordCatalog } from "./definitions/catalog.js";
import { feedsOfColumn } from "./definitions/reach.js";
import type { CompanyProfile } from "./map-context.js";
import { usedFieldsOf } from "./used-fields.js";

/** The columns that a company has agreed to be empty: by a feed that it leaves out, or a field that may be absent. */
export function emptyByChoice(
  catalog: RecordCatalog,
  { columns, feedsOff, acceptAbsent }: Pick<CompanyProfile, "columns" | "feedsOff" | "acceptAbsent">,
): ReadonlySet<string> {
  const ofFeeds = catalog.plans.flatMap(({ definition }) =>
    Object.entries(definition.columns).flatMap(([column, source]) =>
      feedsOfColumn(definition, source).some((feed) => feedsOff.includes(feed)) ? [column] : [],
    ),
  );
  const ofFields = [...catalog.feeds.keys()].flatMap((feed) => {
    const stillUsed = new Set(usedFieldsOf(catalog, feed, columns, acceptAbsent).map(({ path }) => path));
    const given = usedFieldsOf(catalog, feed, columns);
    const fields = given.filter(({ path }) => feedsOff.includes(feed) || !stillUsed.has(path));
    return fields.flatMap((field) => field.columns);
  });
  return new Set([...ofFeeds, ...ofFields]);
}
