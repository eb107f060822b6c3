import { hash } from "node:crypto";
import type { EntityId } from "../feeds/entity-id.js";
import type { PageRow } from "../json/page-row.js";

/**
 * Up to this many characters, the whole content of a page counts. On a page of a few rows, all may change
 * without a change of their times; on a larger page that is unlikely, and hashing it would cost as much as
 * checking it.
 */
const smallPage = 65_536;

/**
 * Distinguishes a repeated page from a new one: the ids of its rows in their order, when the first and the last of them
 * were modified, and in a small page the whole content of its rows. An entity that changes moves to the end of its
 * feed.
 *
 * @returns `null` for a page without identifiable rows, such as an empty one.
 */
export function fingerprintOf(rows: readonly PageRow[]): string | null {
  if (rows.every(({ value }) => idOf(value) === null)) return null;
  return `${edgesOf(rows)} ${checksumOf(rows)}${contentOf(rows)}`;
}

/** Whether these rows are the page that has this fingerprint. Mostly its edges show it. */
export function isPage(rows: readonly PageRow[], fingerprint: string): boolean {
  return fingerprint.startsWith(`${edgesOf(rows)} `) && fingerprintOf(rows) === fingerprint;
}

/** The id of a row; `null` when it has none that could be one. */
export function idOf(row: unknown): EntityId | null {
  if (typeof row !== "object" || row === null || !("id" in row)) return null;
  return typeof row.id === "number" || typeof row.id === "bigint" ? row.id : null;
}

function edgesOf(rows: readonly PageRow[]): string {
  return `${rows.length}:${markOf(rows[0]?.value)}-${markOf(rows.at(-1)?.value)}`;
}

function contentOf(rows: readonly PageRow[]): string {
  let length = 0;
  for (const { text } of rows) {
    length += text.length;
    if (length > smallPage) return "";
  }
  return ` ${hash("sha256", rows.map(({ text }) => text).join("\n"), "hex").slice(0, 16)}`;
}

/** The row has not been checked yet, and the stored part must remain small. */
const longestInstant = "2024-03-01T08:05:06.1234567+00:00".length;

function markOf(row: unknown): string {
  const modifiedOn = typeof row === "object" && row !== null && "modifiedOn" in row ? row.modifiedOn : null;
  return `${idOf(row) ?? ""}@${String(modifiedOn).slice(0, longestInstant)}`;
}

/**
 * A 64-bit hash of all ids in their order. Pages repeat by accident, not by malice: a cryptographic hash of
 * thousands of rows would cost as much as checking them.
 */
function checksumOf(rows: readonly PageRow[]): string {
  let one = 0x811c9dc5;
  let other = 0x9e3779b9;
  // FNV-1a, twice: with different seeds and factors.
  for (const { value } of rows) {
    const { low, high } = halvesOf(idOf(value) ?? -1);
    one = Math.imul(Math.imul(one ^ low, 0x01000193) ^ high, 0x01000193);
    other = Math.imul(Math.imul(other ^ low, 0x01000197) ^ high, 0x01000197);
  }
  return [one, other].map((sum) => (sum >>> 0).toString(36)).join("");
}

/** Of 32 bits each. */
function halvesOf(id: EntityId): { readonly low: number; readonly high: number } {
  return typeof id === "number"
    ? { low: id, high: Math.floor(id / 2 ** 32) }
    : { low: Number(BigInt.asIntN(32, id)), high: Number(BigInt.asIntN(32, id >> 32n)) };
}
