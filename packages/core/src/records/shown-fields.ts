import { z } from "zod";
import type { Feed } from "../feeds/feed.js";
import type { PathStep } from "./column-path.js";
import { type CustomColumn, type CustomColumns, columnsFor } from "./custom-columns.js";
import type { RecordCatalog } from "./definitions/catalog.js";
import type { RecordPlan } from "./definitions/record-plan.js";

/** The fields of a feed's rows that records are made of, sorted; `null` where that may be any. */
export type ShownFields = readonly string[] | null;

/**
 * Which fields of a feed's rows may show in a record: those that its schema names, and those that the company's
 * columns begin with. A column that is a function may read every field of what it is given.
 */
export function shownFieldsOf(
  { plans }: Pick<RecordCatalog, "plans">,
  feed: Feed,
  columns: CustomColumns,
): ShownFields {
  if (!(feed.schema instanceof z.ZodObject)) return null;
  const used = new Set(Object.keys(feed.schema.shape));
  // It is the time of a row's change, which no record shows.
  used.delete("modifiedOn");
  for (const { record, roots } of plans) {
    for (const column of columnsFor(columns, record)) {
      const read = fieldsRead(roots, column, feed);
      if (read === null) return null;
      for (const field of read) used.add(field);
    }
  }
  return [...used].sort();
}

function fieldsRead(all: RecordPlan["roots"], { source }: CustomColumn, feed: Feed): ShownFields {
  const roots = Object.entries(all).filter(([, root]) => root.feed.name === feed.name);
  if (typeof source === "function") return roots.length === 0 ? [] : null;
  const [first, ...others] = source;
  if (!roots.some(([name]) => first?.kind === "field" && first.name === name)) return [];
  return fieldsOnTheWay(others);
}

/** The row's own fields: for a list, one that selects the row and one that is read from it. */
function fieldsOnTheWay([step, next]: readonly PathStep[]): readonly string[] {
  if (step === undefined) return [];
  if (step.kind === "field") return [step.name];
  const read = next?.kind === "field" ? [next.name] : [];
  return step.kind === "where" ? [step.field, ...read] : read;
}
