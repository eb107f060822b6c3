/**
 * What tells a page that comes again from one that follows: the ids of its rows and when they were modified.
 *
 * @returns `null` for a page whose rows say nothing about themselves, such as an empty one.
 */
export function fingerprintOf(rows: readonly unknown[]): string | null {
  if (rows.every((row) => idOf(row) === null)) return null;
  return `${edgesOf(rows)} ${checksumOf(rows)}`;
}

/** Whether these rows are the page that has this fingerprint. Mostly told by a look at its edges. */
export function isPage(rows: readonly unknown[], fingerprint: string): boolean {
  return fingerprint.startsWith(`${edgesOf(rows)} `) && fingerprintOf(rows) === fingerprint;
}

/** The id of a row; `null` when it has none that could be one. */
export function idOf(row: unknown): number | null {
  return typeof row === "object" && row !== null && "id" in row && typeof row.id === "number" ? row.id : null;
}

function edgesOf(rows: readonly unknown[]): string {
  return `${rows.length}:${idOf(rows[0]) ?? ""}-${idOf(rows.at(-1)) ?? ""}`;
}

/**
 * Of all ids and times in their order, 64 bits. Pages come by accident, not by malice, and each has thousands of
 * rows: a cryptographic hash of their texts would cost as much as checking them.
 */
function checksumOf(rows: readonly unknown[]): string {
  let one = 0x811c9dc5;
  let other = 0x9e3779b9;
  // FNV-1a, twice: from different beginnings, with different factors.
  const add = (value: number): void => {
    one = Math.imul(one ^ value, 0x01000193);
    other = Math.imul(other ^ value, 0x01000197);
  };
  for (const row of rows) {
    const id = idOf(row) ?? -1;
    add(id);
    add(id / 2 ** 32);
    const modifiedOn = typeof row === "object" && row !== null && "modifiedOn" in row ? row.modifiedOn : null;
    const text = String(modifiedOn);
    for (let index = 0; index < text.length; index += 1) add(text.charCodeAt(index));
    add(-1);
  }
  return [one, other].map((sum) => (sum >>> 0).toString(36)).join("");
}
