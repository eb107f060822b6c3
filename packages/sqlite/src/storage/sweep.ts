import type { Storage, SweepResult } from "@titan-sync/core";

import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";
import { type LeaseHolder, requireLease } from "./lease-holder.js";
import { parseLinks } from "./links.js";
import { TouchedKeys } from "./merge-entities.js";
import { closeUnseenRejections } from "./rejections-write.js";
import { wasSeen } from "./seen.js";
import { listKeys } from "./work-queue.js";

type SweepParams = Parameters<Storage["sweepFeed"]>[0];

/** Marks entities removed that a run has not seen, unless they are too many. */
export async function sweepFeed(database: Database, params: SweepParams): Promise<SweepResult> {
  const { lease, scope, feed, touches, maxShare, spareAfter } = params;
  return await database.transaction(async (transaction) => {
    const holder = requireLease(transaction, lease, scope, database.now());
    const total = countLive(transaction, holder, params);
    const absent = findAbsent(transaction, holder, params);
    if (absent.length > maxShare * total) return { total, absent: absent.length, removed: 0 };
    closeUnseenRejections(transaction, holder, feed, spareAfter);
    const touched = new TouchedKeys(touches);
    for (const { id, number, links: text } of absent) {
      await database.breathe();
      transaction.run("UPDATE entities SET removed = 1 WHERE entity_number = ?1", number);
      transaction.run(
        "DELETE FROM rejections WHERE scope_id = ?1 AND feed = ?2 AND entity_id = ?3",
        holder.scopeId,
        feed,
        id,
      );
      const links = parseLinks(text);
      touched.add(id, links, links);
    }
    listKeys(transaction, holder.scopeId, touched.keys());
    return { total, absent: absent.length, removed: absent.length };
  });
}

/** Answered by indexes alone: no payload is passed over. */
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

interface AbsentEntity {
  readonly id: string;
  readonly number: number;
  readonly links: string;
}

function findAbsent(
  statements: Statements,
  { scopeId, runNumber }: LeaseHolder,
  { feed, spareAfter }: SweepParams,
): readonly AbsentEntity[] {
  // Who was not seen is told from the index first: only those rows are looked at.
  return statements.all<AbsentEntity>(
    `WITH unseen AS MATERIALIZED (
      SELECT entity.entity_number FROM entities entity INDEXED BY entities_by_id
      WHERE entity.scope_id = ?1 AND entity.feed = ?2 AND NOT ${wasSeen("entity", "?3", "?2")}
    )
    SELECT CAST(entity.entity_id AS TEXT) AS id, entity.entity_number AS number, entity.links
    FROM unseen CROSS JOIN entities entity ON entity.entity_number = unseen.entity_number
    WHERE entity.removed = 0 AND (?4 IS NULL OR entity.landed_at <= ?4)`,
    scopeId,
    feed,
    runNumber,
    spareAfter,
  );
}
