import { hash } from "node:crypto";
import type { z } from "zod";
import type { EntityId } from "../feeds/entity-id.js";
import { type Feed, type LinkIds, linkIdsOf } from "../feeds/feed.js";
import type { PageRow } from "../json/page-row.js";
import type { NewEntity } from "../ports/landing-store.js";
import type { NewRejection } from "../ports/rejection-store.js";
import { normalizeInstant } from "../records/instant.js";
import type { ShownFields } from "../records/shown-fields.js";
import { type QuickCheck, quickCheckOf } from "./quick-check.js";
import { usedHashOf } from "./used-hash.js";

/** A row whose structure is sound. */
export interface SoundRow {
  readonly id: string;
  /** As it came. */
  readonly row: PageRow;
  /** With seven fractional digits; `null` is oldest. */
  readonly modifiedOn: string | null;
  /** Ids of the entities it refers to. */
  readonly links: LinkIds;
}

/** The outcome for a page's rows. */
export interface CheckedRows {
  /** Each id once. */
  readonly sound: readonly SoundRow[];
  readonly rejections: readonly NewRejection[];
  /** Rows that another row of the same page replaces. */
  readonly repeated: number;
}

/** Checks the structure of rows. Those that fail become rejections; the others continue. */
export function checkRows(feed: Feed, rows: readonly PageRow[]): CheckedRows {
  const checked: SoundRow[] = [];
  const broken: BrokenRow[] = [];
  const isSound = quickCheckFor(feed);
  for (const row of rows) {
    if (isSound(row.value)) {
      checked.push(toSoundRow(feed, row, row.value));
      continue;
    }
    const parsed = feed.schema.safeParse(row.value);
    if (parsed.success) checked.push(toSoundRow(feed, row, parsed.data));
    else broken.push(toBrokenRow(feed, row, parsed.error, checked.length));
  }
  const sound = newestOfEach(checked);
  const rejections = newestRejections(broken, checked);
  return { sound, rejections, repeated: rows.length - sound.length - rejections.length };
}

/** A row that is rejected unless the page has a newer one of the same entity. */
interface BrokenRow {
  readonly id: string;
  /** With seven fractional digits; `null` if it is not known. */
  readonly modifiedOn: string | null;
  readonly rejection: NewRejection;
  /** How many valid rows precede it. */
  readonly soundBefore: number;
}

function toBrokenRow(feed: Feed, row: PageRow, error: z.ZodError, soundBefore: number): BrokenRow {
  const rejection = toRejection(feed, row, error);
  return { id: rejection.entityId, modifiedOn: modifiedOnOf(row.value), rejection, soundBefore };
}

/**
 * The newest row for each id, unless a valid row is newer. Rows without a time stay, because their age is
 * unknown.
 */
function newestRejections(broken: readonly BrokenRow[], sound: readonly SoundRow[]): readonly NewRejection[] {
  if (broken.length === 0) return [];
  const newest = new Map<string, BrokenRow>();
  for (const row of broken) {
    const other = newest.get(row.id);
    if (other === undefined || row.modifiedOn === null || !isOlder(row, other)) newest.set(row.id, row);
  }
  for (const [index, row] of sound.entries()) {
    const other = newest.get(row.id);
    if (other === undefined || other.modifiedOn === null) continue;
    const isReadLater = index >= other.soundBefore;
    if (isOlder(other, row) || (isReadLater && !isOlder(row, other))) newest.delete(row.id);
  }
  return [...newest.values()].map(({ rejection }) => rejection);
}

function modifiedOnOf(row: unknown): string | null {
  if (typeof row !== "object" || row === null || !("modifiedOn" in row)) return null;
  return typeof row.modifiedOn === "string" ? normalizeInstant(row.modifiedOn) : null;
}

const quickChecks = new WeakMap<Feed, QuickCheck>();

function quickCheckFor(feed: Feed): QuickCheck {
  const existing = quickChecks.get(feed);
  if (existing !== undefined) return existing;
  const check = quickCheckOf(feed.schema) ?? (() => false);
  quickChecks.set(feed, check);
  return check;
}

/** Each id once, at its first position. */
function newestOfEach(rows: readonly SoundRow[]): readonly SoundRow[] {
  if (new Set(rows.map(({ id }) => id)).size === rows.length) return rows;
  const newest = new Map<string, SoundRow>();
  for (const row of rows) {
    const other = newest.get(row.id);
    if (other === undefined || !isOlder(row, other)) newest.set(row.id, row);
  }
  return [...newest.values()];
}

/**
 * Ready to land. Its hashes are made when they are needed, and not for a whole page at once.
 * @param used - The fields of the row that records are made of.
 */
export function toEntity({ id, row, modifiedOn, links }: SoundRow, used: ShownFields): NewEntity {
  const { text } = row;
  const contentHash = hash("sha256", text, "base64");
  return { id, payload: text, contentHash, usedHash: usedHashOf(text, used, contentHash), modifiedOn, links };
}

function toSoundRow(feed: Feed, row: PageRow, parsed: unknown): SoundRow {
  const { id, modifiedOn } = parsed as { readonly id: EntityId; readonly modifiedOn?: string | null };
  return {
    id: String(id),
    row,
    modifiedOn: normalizeInstant(modifiedOn),
    links: linkIdsOf(feed, parsed),
  };
}

/** A sound row that is not to be landed. */
export function rejectSound(
  feed: Feed,
  { id, row }: SoundRow,
  why: Pick<NewRejection, "rules" | "message">,
): NewRejection {
  return {
    feed: feed.name,
    entityId: id,
    stage: "structure",
    ...why,
    payload: row.text,
  };
}

/** Whether it is unknown whose row was rejected. */
export function isUnreadable({ entityId }: Pick<NewRejection, "entityId">): boolean {
  return entityId.startsWith(unreadable);
}

const unreadable = "unknown-";

/** If two rows have the same time, the one read later wins. */
function isOlder(row: Pick<SoundRow, "modifiedOn">, other: Pick<SoundRow, "modifiedOn">): boolean {
  return (row.modifiedOn ?? "") < (other.modifiedOn ?? "");
}

function toRejection(feed: Feed, row: PageRow, error: z.ZodError): NewRejection {
  const { text, value } = row;
  const faults = error.issues.map((issue) => `${issue.path.join(".") || "row"}: ${faultOf(issue)}`);
  return {
    feed: feed.name,
    entityId: idOf(value) ?? `${unreadable}${hash("sha256", text, "hex").slice(0, 16)}`,
    stage: "structure",
    rules: ["structure"],
    message: `The row does not have the documented structure: ${faults.join("; ")}.`,
    payload: text,
  };
}

/** Among the fields' schemas, only those of ids have alternatives and limits. */
const faultsOfIds: ReadonlySet<string> = new Set(["invalid_union", "too_small", "too_big"]);

/** Zod's own messages may repeat values. */
function faultOf(issue: z.core.$ZodIssue): string {
  if (faultsOfIds.has(issue.code)) return "expected a whole number of 64 bits";
  return issue.code === "invalid_type" ? `expected ${issue.expected}` : "not acceptable";
}

/** Also for an id that is out of range: two such rows are two rejections. */
function idOf(row: unknown): string | null {
  if (typeof row !== "object" || row === null || !("id" in row)) return null;
  const { id } = row;
  const isOne = typeof id === "number" || typeof id === "bigint" || typeof id === "string";
  return isOne && /^\d{1,40}$/.test(String(id)) ? String(id) : null;
}
