import { DriftError } from "../errors.js";
import type { Feed } from "../feeds/feed.js";
import type { NewRejection } from "../ports/rejection-store.js";
import type { UsedField } from "../records/used-fields.js";
import type { AbsentField } from "./field-survey.js";
import type { CheckedRows } from "./structure-check.js";

/** Fewer rows may share a peculiarity by chance; if this many share it, the API has changed. */
export const minRowsOfVerdict = 20;

/** The number of problems that an error lists; there may be one for each field. */
const maxFaults = 3;

/** Whether there are enough rows to conclude something of all, and none can be used. An empty page is neither. */
export function isUnusable({ sound }: Pick<CheckedRows, "sound">, rows: number): boolean {
  return sound.length === 0 && rows >= minRowsOfVerdict;
}

/** Whether a field is gone from every row of a page that has enough of them. */
export function isGone({ rows, of }: Pick<AbsentField, "rows" | "of">): boolean {
  return rows.length === of && of >= minRowsOfVerdict;
}

/** Why none of the rows was taken. */
export function unusableRows(feed: Feed, rejections: readonly NewRejection[], rows: number): DriftError {
  const faults = new Map<string, number>();
  for (const { message } of rejections) faults.set(message, (faults.get(message) ?? 0) + 1);
  const most = [...faults].sort(([, left], [, right]) => right - left).slice(0, maxFaults);
  const seen = most.map(([message, times]) => `${message} (${times} rows)`).join(" ");
  return new DriftError(`None of the ${rows} rows of ${feed.name} can be used: ${seen}`, {
    hint: "ServiceTitan seems to have changed its API. Nothing was stored and nothing is lost: the next run reads the same rows again. Look for a newer version of Titan Sync; if there is none, report this.",
  });
}

/** Why a page was not taken that would have emptied columns. */
export function goneFields(feed: Feed, gone: readonly AbsentField[]): DriftError {
  const paths = gone.map(({ field }) => `${feed.name}.${field.path}`);
  const lost = describeAbsence(
    feed,
    gone.map(({ field }) => field),
  );
  return new DriftError(`${lost}, in every one of ${gone[0]?.of ?? 0} rows: the page was not stored.`, {
    hint: `Rows landed before are kept, and the next run reads the same rows again. If ServiceTitan has dropped the field for good, and its columns may become empty, set in the company's options: acceptAbsent: ${JSON.stringify(paths)}.`,
  });
}

/** Names the fields and what is made of them. */
export function describeAbsence(feed: Feed, fields: readonly UsedField[]): string {
  const paths = fields.map(({ path }) => path).join(", ");
  const columns = [...new Set(fields.flatMap((field) => field.columns))];
  const use = columns.length === 0 ? "which records depend on" : `the source of ${columns.join(", ")}`;
  return `${feed.name} lacks ${paths}, ${use}`;
}
