import type { Storage, SweepResult } from "@titan-sync/core";

import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";
import { type LeaseHolder, requireLease } from "./lease-holder.js";
import { parseLinks } from "./links.js";
import { TouchedKeys } from "./merge-entities.js";
import { closeUnseenRejections } from "./rejections-write.js";
import { wasSeen } from "./seen.js";
import { enqueueIds } from "./work-queue.js";

type SweepParams = Parameters<Storage["sweepFeed"]>[0];

/** Entities that one transaction marks: few enough that no heartbeat waits long for it. */
const entitiesAtOnce = 1000;

interface Absent {
  readonly total: number;
  /** Entities by number. */
  readonly numbers: readonly number[];
}

/**
 * Marks entities removed that a run has not seen, unless they are too many. In steps, after it was decided once: where
 * one is cut off, the share of those that are left is smaller still, and the next sweep goes on.
 */
export async function sweepFeed(database: Database, params: SweepParams): Promise<SweepResult> {
  const { lease, scope, feed, maxShare, spareAfter } = params;
  const { total, numbers } = await database.transaction<Absent>((transaction) => {
    const holder = requireLease(transaction, lease, scope, database.now());
    const live = countLive(transaction, holder, params);
    const absent = findAbsent(transaction, holder, params);
    if (absent.length <= maxShare * live) closeUnseenRejections(transaction, holder, feed, spareAfter);
    return { total: live, numbers: absent };
  });
  const result = { total, absent: numbers.length };
  if (numbers.length > maxShare * total) return { ...result, removed: 0 };
  let removed = 0;
  for (let first = 0; first < numbers.length; first += entitiesAtOnce) {
    removed += await database.transaction((transaction) => {
      const holder = requireLease(transaction, lease, scope, database.now());
      return markRemoved(transaction, holder, params, numbers.slice(first, first + entitiesAtOnce));
    });
  }
  return { ...result, removed };
}

/** Answered by indexes alone: no payload is skipped. */
function countLive(statements: Statements, { scopeId }: LeaseHolder, { feed }: SweepParams): number {
  const row = statements.get<{ live: number }>(
    `SELECT (SELECT count(*) FROM entities INDEXED BY entities_by_id WHERE scope_id = ?1 AND feed = ?2)
      - (SELECT count(*) FROM entities INDEXED BY entities_removed
        WHERE scope_id = ?1 AND feed = ?2 AND removed = 1) AS live`,
    scopeId,
    feed,
  );
  return row?.live ?? 0;
}

/** Of those that are not removed yet. */
function findAbsent(
  statements: Statements,
  { scopeId, runNumber }: LeaseHolder,
  { feed, spareAfter }: SweepParams,
): readonly number[] {
  // Unseen entities are found in the index first: only those rows are read.
  const rows = statements.all<{ number: number }>(
    `WITH unseen AS MATERIALIZED (
      SELECT entity.entity_number FROM entities entity INDEXED BY entities_by_id
      WHERE entity.scope_id = ?1 AND entity.feed = ?2 AND NOT ${wasSeen("entity", "?3", "?2")}
    )
    SELECT entity.entity_number AS number
    FROM unseen CROSS JOIN entities entity ON entity.entity_number = unseen.entity_number
    WHERE entity.removed = 0 AND (?4 IS NULL OR entity.landed_at <= ?4)`,
    scopeId,
    feed,
    runNumber,
    spareAfter,
  );
  return rows.map((row) => row.number);
}

/** Marks those of them that are still absent, and queues what they touch. @returns how many they were. */
function markRemoved(
  statements: Statements,
  { scopeId, runNumber }: LeaseHolder,
  { feed, touches, spareAfter }: SweepParams,
  numbers: readonly number[],
): number {
  const touched = new TouchedKeys(touches);
  let marked = 0;
  for (const number of numbers) {
    const row = statements.get<{ id: string; links: string }>(
      `UPDATE entities SET removed = 1
      WHERE entity_number = ?1 AND removed = 0 AND (?2 IS NULL OR landed_at <= ?2)
        AND NOT ${wasSeen("entities", "?3", "?4")}
      RETURNING CAST(entity_id AS TEXT) AS id, links`,
      number,
      spareAfter,
      runNumber,
      feed,
    );
    if (row === undefined) continue;
    marked += 1;
    statements.run(
      "DELETE FROM rejections WHERE scope_id = ?1 AND feed = ?2 AND entity_id = ?3",
      scopeId,
      feed,
      row.id,
    );
    const links = parseLinks(row.links);
    touched.add(row.id, links, links);
  }
  enqueueIds(statements, scopeId, touched.keys());
  return marked;
}
