import { hash } from "node:crypto";

/**
 * Tells a page that comes again from one that follows: by the ids of its rows and when they were modified.
 *
 * @returns `null` for a page whose rows say nothing about themselves, such as an empty one.
 */
export function fingerprintOf(rows: readonly unknown[]): string | null {
  const marks = rows.map(markOf);
  return marks.some((mark) => mark !== null)
    ? hash("sha256", marks.join("\n"), "base64url").slice(0, 22)
    : null;
}

/** The id of a row; `null` when it has none that could be one. */
export function idOf(row: unknown): number | null {
  return typeof row === "object" && row !== null && "id" in row && typeof row.id === "number" ? row.id : null;
}

function markOf(row: unknown): string | null {
  const id = idOf(row);
  if (id === null) return null;
  const modifiedOn = typeof row === "object" && row !== null && "modifiedOn" in row ? row.modifiedOn : null;
  return `${id} ${String(modifiedOn)}`;
}
