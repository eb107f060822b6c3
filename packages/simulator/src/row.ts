/** One entity of a feed, as the export delivers it. */
export interface Row {
  readonly id: number;
  readonly [field: string]: unknown;
}

/** Reads a field of a row or of an object within it. `undefined` when absent. */
export function readField(row: Row, path: readonly string[]): unknown {
  let value: unknown = row;
  for (const name of path) {
    if (!isObject(value)) return undefined;
    value = value[name];
  }
  return value;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws TypeError when it is no object with a whole number as `id`. */
export function toRow(value: object): Row {
  const candidate: Readonly<Record<string, unknown>> = { ...value };
  const id = candidate["id"];
  if (typeof id !== "number" || !Number.isSafeInteger(id)) {
    throw new TypeError(`A row needs a whole number as id, not ${JSON.stringify(id)}.`);
  }
  return { ...candidate, id };
}
