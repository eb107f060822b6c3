import type { FeedName, LandParams, NewEntity, Touch } from "@titan-sync/core";
import type { Statements } from "../database/connection.js";
import type { LeaseHolder } from "./lease-holder.js";
import { type Links, LinkWriter, linksText, parseLinks } from "./links.js";
import { isSeen } from "./seen.js";
import { enqueueIds, type PendingKey } from "./work-queue.js";

export interface Merged {
  readonly landed: number;
  readonly unchanged: number;
  /** Ids of the rows that were older than what is stored. */
  readonly superseded: readonly string[];
}

interface StoredEntity {
  readonly number: number;
  readonly removed: number;
  readonly source: LandParams["source"];
  readonly modifiedOn: string | null;
  readonly contentHash: string;
  readonly usedHash: string;
  readonly links: string;
  readonly landedAt: number;
}

/** Stores rows that are new or newer than what is stored, and lists what they touch. */
export function mergeEntities(
  statements: Statements,
  { scopeId, runNumber }: LeaseHolder,
  { feed, source, entities, touches, healsBefore }: LandParams,
  now: number,
): Merged {
  let landed = 0;
  let unchanged = 0;
  const superseded: string[] = [];
  const touched = new TouchedKeys(touches);
  const writer = new LinkWriter(statements, scopeId, feed);
  for (const entity of entities) {
    const stored = findStored(statements, scopeId, feed, entity.id);
    const yields =
      stored !== undefined &&
      healsBefore !== null &&
      (stored.removed === 1 || stored.landedAt < healsBefore) &&
      !isSeen(statements, runNumber, feed, entity.id);
    const verdict = judge(entity, source, stored, yields);
    if (verdict === "superseded") superseded.push(entity.id);
    else if (verdict === "unchanged") {
      unchanged += 1;
      // The export has confirmed a row of a list: from now on it counts as an export row.
      if (source === "export" && stored?.source === "list") confirm(statements, stored);
    } else {
      landed += 1;
      const links = linksText(entity.links);
      store(statements, { scopeId, feed, source, now, links }, entity, stored);
      const after = parseLinks(links);
      const before = stored === undefined ? {} : parseLinks(stored.links);
      if (stored?.links !== links) writer.replace(entity.id, before, after);
      const shows =
        stored === undefined ||
        stored.removed === 1 ||
        stored.usedHash !== entity.usedHash ||
        stored.links !== links;
      if (shows) touched.add(entity.id, before, after);
    }
  }
  enqueueIds(statements, scopeId, touched.keys());
  return { landed, unchanged, superseded };
}

/** What changed entities put on the work queue: themselves, or what their links named before and name now. */
export class TouchedKeys {
  readonly #touches: readonly Touch[];
  readonly #keys = new Map<string, PendingKey>();

  constructor(touches: readonly Touch[]) {
    this.#touches = touches;
  }

  add(id: string, before: Links, after: Links): void {
    for (const { record, feed, link } of this.#touches) {
      const ids = link === null ? [id] : [before[link], after[link]];
      for (const key of ids) {
        if (key !== undefined) this.#keys.set(`${record} ${feed} ${key}`, { record, feed, id: key });
      }
    }
  }

  keys(): readonly PendingKey[] {
    return [...this.#keys.values()];
  }
}

function judge(
  entity: NewEntity,
  source: LandParams["source"],
  stored: StoredEntity | undefined,
  yields: boolean,
): "landed" | "unchanged" | "superseded" {
  if (stored === undefined) return "landed";
  if (stored.contentHash === entity.contentHash) return stored.removed === 1 ? "landed" : "unchanged";
  if (yields) return "landed";
  const [time, known] = [entity.modifiedOn ?? "", stored.modifiedOn ?? ""];
  if (time !== known) return time < known ? "superseded" : "landed";
  return stored.source === "export" && source === "list" && stored.removed === 0 ? "superseded" : "landed";
}

function findStored(
  statements: Statements,
  scopeId: number,
  feed: FeedName,
  id: string,
): StoredEntity | undefined {
  return statements.get<StoredEntity>(
    `SELECT entity_number AS number, removed, source, modified_on AS modifiedOn, content_hash AS contentHash,
      used_hash AS usedHash, links, landed_at AS landedAt
    FROM entities INDEXED BY entities_by_id WHERE scope_id = ?1 AND feed = ?2 AND entity_id = ?3`,
    scopeId,
    feed,
    id,
  );
}

function confirm(statements: Statements, { number }: StoredEntity): void {
  statements.run("UPDATE entities SET source = 'export' WHERE entity_number = ?1", number);
}

interface StoredAs {
  readonly scopeId: number;
  readonly feed: FeedName;
  readonly source: LandParams["source"];
  readonly links: string;
  readonly now: number;
}

function store(
  statements: Statements,
  { scopeId, feed, source, links, now }: StoredAs,
  entity: NewEntity,
  stored: StoredEntity | undefined,
): void {
  const { payload } = entity;
  const values = [
    source,
    entity.modifiedOn,
    entity.contentHash,
    entity.usedHash,
    links,
    now,
    Buffer.byteLength(payload),
    payload,
  ];
  if (stored === undefined) {
    statements.run(
      `INSERT INTO entities (source, modified_on, content_hash, used_hash, links, landed_at, payload_bytes, payload,
        scope_id, feed, entity_id)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)`,
      ...values,
      scopeId,
      feed,
      entity.id,
    );
  } else {
    statements.run(
      `UPDATE entities SET source = ?1, modified_on = ?2, content_hash = ?3, used_hash = ?4, links = ?5,
        landed_at = ?6, payload_bytes = ?7, payload = ?8, removed = 0
      WHERE entity_number = ?9`,
      ...values,
      stored.number,
    );
  }
}
