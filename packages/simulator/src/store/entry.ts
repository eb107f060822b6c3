import type { FeedRoute } from "../feeds.js";
import { type InstantKey, instantKey, zeroKey } from "../instant.js";
import { type Row, readField } from "../row.js";

/** A field's value, ready to be compared: instants as keys, words in lower case, flags as words. */
export type FieldKey = string | number | null;

/**
 * A row as it is kept: its text, made once, and the few values that sorting and filtering need. The object it
 * came from is dropped: it would double the memory of a large tenant.
 */
export interface Entry {
  readonly id: number;
  /** {@link zeroKey} for a row without the field. */
  readonly modified: InstantKey;
  readonly active: boolean;
  /** As the export delivers it. */
  readonly text: string;
  /** What the list filters and sorts by, in the order of {@link keyedFields}. */
  readonly keys: readonly FieldKey[];
}

/** The fields whose values an entry of the feed keeps. */
export function keyedFields(route: FeedRoute): readonly string[] {
  const filtered = Object.values(route.filters).map((filter) => filter.field);
  return [...new Set(["id", "modifiedOn", "createdOn", ...Object.values(route.sorts), ...filtered])];
}

/** @param fields - From {@link keyedFields}. */
export function toEntry(row: Row, fields: readonly string[]): Entry {
  return {
    id: row.id,
    modified: modifiedKey(row),
    active: row["active"] !== false,
    text: printRow(row),
    keys: fields.map((field) => fieldKey(readField(row, field))),
  };
}

export function modifiedKey(row: Row): InstantKey {
  const modifiedOn = row["modifiedOn"];
  return (typeof modifiedOn === "string" ? instantKey(modifiedOn) : null) ?? zeroKey;
}

/** What a field's value or a parameter's text is compared as. */
export function fieldKey(value: unknown): FieldKey {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return String(value);
  if (typeof value !== "string") return null;
  return /^\d{4}-\d\d-\d\d/.test(value) ? (instantKey(value) ?? value.toLowerCase()) : value.toLowerCase();
}

/** Tax rates have ten decimals on the wire, which `JSON.stringify` cannot write. */
function printRow(row: Row): string {
  return JSON.stringify(row).replace(
    /("taxRate":)(\d+(?:\.\d+)?)(?=[,}])/g,
    (_, name: string, rate: string) => {
      return name + Number(rate).toFixed(10);
    },
  );
}
