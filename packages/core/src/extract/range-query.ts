import type { RangeField, SyncRange } from "../ports/sync-run.js";

/** The API's parameter names vary; a misspelled one would be ignored and everything returned. */
const filters: Readonly<Record<RangeField, { readonly from: string; readonly to: string }>> = {
  modified: { from: "modifiedOnOrAfter", to: "modifiedBefore" },
  created: { from: "createdOnOrAfter", to: "createdBefore" },
  invoiced: { from: "invoicedOnOrAfter", to: "invoicedOnBefore" },
};

/** The query parameters that restrict a list to a range. */
export function rangeQuery(range: SyncRange): Readonly<Record<string, string>> {
  const names = filters[range.by];
  return {
    ...(range.from === null ? {} : { [names.from]: range.from }),
    ...(range.to === null ? {} : { [names.to]: range.to }),
  };
}
