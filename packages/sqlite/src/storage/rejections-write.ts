import type { FeedName, NewRejection, RejectionStage, RunLease } from "@titan-sync/core";
import { isEntityId } from "@titan-sync/core/support";
import type { Statements } from "../database/connection.js";
import type { LeaseHolder } from "./lease-holder.js";
import { isSeen } from "./seen.js";
import { takeNumbers } from "./series.js";

/** Keeps what was wrong: one rejection for each entity and stage. */
export function keepRejections(
  statements: Statements,
  { scopeId, companyId }: LeaseHolder,
  { credentialId, runId }: RunLease,
  rejections: readonly NewRejection[],
  now: number,
): void {
  if (rejections.length === 0) return;
  const keyOf = ({ feed, entityId, stage }: NewRejection): string => JSON.stringify([feed, entityId, stage]);
  // If several are about the same entity, the last one counts.
  const kept = [...new Map(rejections.map((rejection) => [keyOf(rejection), rejection])).values()];
  let place = takeNumbers(statements, "place", kept.length);
  for (const { feed, entityId, stage, rules, message, payload } of kept) {
    statements.run(
      `INSERT INTO rejections AS known (scope_id, company_id, credential_id, run_id, feed, entity_id, stage, rules,
        message, payload, first_seen_at, last_seen_at, place)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?12)
      ON CONFLICT (scope_id, feed, entity_id, stage) DO UPDATE
      SET credential_id = excluded.credential_id, run_id = excluded.run_id, rules = excluded.rules,
        message = excluded.message, payload = excluded.payload, last_seen_at = excluded.last_seen_at,
        times_seen = known.times_seen + 1, place = excluded.place`,
      scopeId,
      companyId,
      credentialId,
      runId,
      feed,
      entityId,
      stage,
      JSON.stringify(rules),
      message,
      payload,
      now,
      place,
    );
    place += 1;
  }
}

/** Forgets what was wrong with these entities at these stages. */
export function clearRejections(
  statements: Statements,
  { scopeId }: LeaseHolder,
  feed: FeedName,
  stages: readonly RejectionStage[],
  entityIds: readonly string[],
): void {
  // Nearly always there is none.
  const any = statements.get(
    "SELECT 1 AS found FROM rejections WHERE scope_id = ?1 AND feed = ?2 LIMIT 1",
    scopeId,
    feed,
  );
  if (any === undefined) return;
  for (const entityId of entityIds) {
    for (const stage of stages) {
      statements.run(
        "DELETE FROM rejections WHERE scope_id = ?1 AND feed = ?2 AND entity_id = ?3 AND stage = ?4",
        scopeId,
        feed,
        entityId,
        stage,
      );
    }
  }
}

/** Forgets a feed's broken rows that the run has not seen, unless they came after the given time. */
export function closeUnseenRejections(
  statements: Statements,
  { scopeId, runNumber }: LeaseHolder,
  feed: FeedName,
  spareAfter: number | null,
): void {
  const rows = statements.all<{ id: number; entityId: string }>(
    `SELECT rejection_id AS id, entity_id AS entityId FROM rejections
    WHERE scope_id = ?1 AND feed = ?2 AND stage = 'structure' AND (?3 IS NULL OR last_seen_at <= ?3)`,
    scopeId,
    feed,
    spareAfter,
  );
  for (const { id, entityId } of rows) {
    // An id that no entity can have is seen by no run.
    if (isEntityId(entityId) && isSeen(statements, runNumber, feed, entityId)) continue;
    statements.run("DELETE FROM rejections WHERE rejection_id = ?1", id);
  }
}
