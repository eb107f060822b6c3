import { hash } from "node:crypto";

/**
 * What tells a page that comes again from one that follows: the ids of its rows and when they were modified.
 *
 * @returns `null` for a page whose rows say nothing about themselves, such as an empty one.
 */
export function fingerprintOf(rows: readonly unknown[]): string | null {
  if (rows.every((row) => idOf(row) === null)) return null;
  return `${edgesOf(rows)} ${hash("sha256", rows.map(markOf).join("\n"), "base64url").slice(0, 22)}`;
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

function markOf(row: unknown): string {
  const modifiedOn = typeof row === "object" && row !== null && "modifiedOn" in row ? row.modifiedOn : null;
  return `${idOf(row) ?? ""} ${String(modifiedOn)}`;
}
