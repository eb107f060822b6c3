import type { FeedRoute } from "../feeds.js";
import { type InstantKey, keyOfPrinted, zeroKey } from "../instant.js";
import { type Row, readField } from "../row.js";
import type { ByteStore, KeptText } from "./byte-store.js";

/** A field's value, ready to be compared: instants as keys, flags as words. */
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
  /** The JSON that the export delivers, in UTF-8. */
  readonly bytes: Uint8Array;
  /** In the order of {@link keyedFields}. */
  readonly keys: readonly FieldKey[];
}

/** A field that the list filters or sorts by. */
export interface KeyedField {
  /** As the route has it, nested ones by dots. */
  readonly name: string;
  readonly path: readonly string[];
  readonly isInstant: boolean;
}

export function keyedFields(route: FeedRoute): readonly KeyedField[] {
  const filters = Object.values(route.filters);
  const isDate = ({ comparison }: { comparison: string }) =>
    comparison === "since" || comparison === "before";
  const instants = new Set([
    "modifiedOn",
    "createdOn",
    ...filters.filter(isDate).map((filter) => filter.field),
  ]);
  const names = new Set([
    "id",
    ...instants,
    ...Object.values(route.sorts),
    ...filters.map((filter) => filter.field),
  ]);
  return [...names].map((name) => ({ name, path: name.split("."), isInstant: instants.has(name) }));
}

/** One object for an entry: hundreds of thousands of them are kept. */
class StoredEntry implements Entry {
  readonly id: number;
  readonly modified: InstantKey;
  readonly active: boolean;
  readonly keys: readonly FieldKey[];
  readonly #store: ByteStore;
  readonly #text: KeptText;

  constructor(row: Row, fields: readonly KeyedField[], store: ByteStore) {
    this.id = row.id;
    this.modified = modifiedKey(row);
    this.active = row["active"] !== false;
    this.#store = store;
    this.#text = store.keep(printRow(row));
    this.keys = fields.map(({ name, path, isInstant }) =>
      name === "modifiedOn" && this.modified !== zeroKey
        ? this.modified
        : fieldKey(readField(row, path), isInstant),
    );
  }

  get bytes(): Uint8Array {
    return this.#store.read(this.#text);
  }
}

export function toEntry(row: Row, fields: readonly KeyedField[], store: ByteStore): Entry {
  return new StoredEntry(row, fields, store);
}

export function modifiedKey(row: Row): InstantKey {
  const modifiedOn = row["modifiedOn"];
  return (typeof modifiedOn === "string" ? keyOfPrinted(modifiedOn) : null) ?? zeroKey;
}

function fieldKey(value: unknown, isInstant: boolean): FieldKey {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return String(value);
  if (typeof value !== "string") return null;
  return isInstant ? keyOfPrinted(value) : value;
}

const taxRate = /("taxRate":)(\d+(?:\.\d+)?)(?=[,}])/g;

/** Tax rates have ten decimals on the wire, which `JSON.stringify` cannot write. */
function printRow(row: Row): string {
  const text = JSON.stringify(row);
  if (!("salesTaxCode" in row)) return text;
  return text.replace(taxRate, (_, name: string, rate: string) => name + Number(rate).toFixed(10));
}
