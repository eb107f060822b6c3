import type { RowTexts } from "../../json/exact-numbers.js";
import { cleanText } from "../clean-text.js";
import { followPath, parsePath, textOf } from "../column-path.js";
import type { ColumnValue } from "../company-mapping.js";

/** The values of a record's columns as they print, or what failed while they were made. */
export type OwnValues =
  | { readonly kind: "values"; readonly values: Readonly<Record<string, string | null>> }
  | { readonly kind: "fault"; readonly fault: string };

/** Makes the values of these columns. What fails for one record fails for that one alone. */
export function ownValues(
  columns: readonly string[],
  make: () => Readonly<Record<string, ColumnValue>>,
): OwnValues {
  const made = attempt("the map", make);
  if (made.kind === "fault") return made;
  const given: unknown = made.value;
  if (typeof given !== "object" || given === null || given instanceof Promise) {
    return { kind: "fault", fault: "the map gave no object of values" };
  }
  const values = given as Readonly<Record<string, unknown>>;
  const wrong = columns.filter((column) => !isColumnValue(values[column]));
  if (wrong.length > 0)
    return { kind: "fault", fault: `the map gave no text or number for ${wrong.join(", ")}` };
  return {
    kind: "values",
    values: Object.fromEntries(columns.map((column) => [column, print(values[column] as ColumnValue)])),
  };
}

/** What a function of the host's answers. What it throws is named by its kind: its message may hold anybody's data. */
export function attempt<Value>(
  name: string,
  work: () => Value,
): { readonly kind: "done"; readonly value: Value } | { readonly kind: "fault"; readonly fault: string } {
  try {
    return { kind: "done", value: work() };
  } catch (error) {
    return {
      kind: "fault",
      fault: `${name} failed with ${error instanceof Error ? error.name : typeof error}`,
    };
  }
}

/**
 * A field of a joined row as text, a number with the digits that ServiceTitan wrote.
 * @throws TypeError when the path is not one, or leads to a list or an object.
 */
export function exactText(row: object | null | undefined, path: string, texts: RowTexts): string | null {
  const steps = parsePath(path);
  if (steps === null) throw new TypeError(`"${path}" is not a path.`);
  const found = followPath({ row }, [{ kind: "field", name: "row" }, ...steps], texts);
  if (found.kind === "fault") throw new TypeError(`"${path}" does not lead to a value.`);
  return textOf(found.value);
}

function isColumnValue(value: unknown): value is ColumnValue {
  if (value === null || value === undefined) return true;
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value === "string" || typeof value === "bigint" || typeof value === "boolean";
}

function print(value: ColumnValue): string | null {
  if (value === null || value === undefined) return null;
  return cleanText(typeof value === "bigint" ? String(value) : textOf(value));
}
