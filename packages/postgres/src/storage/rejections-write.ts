import type { FeedName, NewRejection, RejectionStage, RunLease } from "@titan-sync/core";
import { idArray } from "../database/id-array.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { fromEpochMs } from "../database/values.js";
import type { LeaseHolder } from "./lease-holder.js";

/** Keeps what was wrong: one rejection for each entity and stage. */
export async function keepRejections(
  transaction: SqlTransaction,
  tables: Tables,
  owner: LeaseHolder,
  lease: RunLease,
  rejections: readonly NewRejection[],
): Promise<void> {
  if (rejections.length === 0) return;
  await transaction.query(
    `INSERT INTO ${tables.rejections} AS known
      (scope_id, company_id, credential_id, run_id, feed, entity_id, stage, rules, message, payload)
    SELECT DISTINCT ON (feed, entity_id, stage)
      $1::int, $2, $3, $4, feed, entity_id, stage, rules::json, message, payload
    FROM unnest($5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
      WITH ORDINALITY rejected (feed, entity_id, stage, rules, message, payload, place)
    ORDER BY feed, entity_id, stage, place DESC
    ON CONFLICT (scope_id, feed, entity_id, stage) DO UPDATE
    SET credential_id = excluded.credential_id, run_id = excluded.run_id, rules = excluded.rules,
      message = excluded.message, payload = excluded.payload,
      last_seen_at = clock_timestamp(), times_seen = known.times_seen + 1, place = DEFAULT`,
    [
      owner.scopeId,
      owner.companyId,
      lease.credentialId,
      lease.runId,
      rejections.map((rejection) => rejection.feed),
      rejections.map((rejection) => rejection.entityId),
      rejections.map((rejection) => rejection.stage),
      rejections.map((rejection) => JSON.stringify(rejection.rules)),
      rejections.map((rejection) => rejection.message),
      rejections.map((rejection) => rejection.payload),
    ],
  );
}

/** Forgets what was wrong with these entities at these stages. */
export async function clearRejections(
  transaction: SqlTransaction,
  tables: Tables,
  owner: LeaseHolder,
  feed: FeedName,
  stages: readonly RejectionStage[],
  entityIds: readonly string[],
): Promise<void> {
  if (entityIds.length === 0) return;
  await transaction.query(
    `DELETE FROM ${tables.rejections} WHERE rejection_id IN (
      SELECT rejection_id FROM ${tables.rejections}
      WHERE scope_id = $1 AND company_id = $2 AND feed = $3 AND entity_id = ANY ($4::text[])
        AND stage = ANY ($5::text[])
      ORDER BY feed, entity_id, stage FOR UPDATE
    )`,
    [owner.scopeId, owner.companyId, feed, idArray(entityIds), stages],
  );
}

/** Forgets a feed's broken rows that the run has not seen, unless they came after the given time. */
export async function closeUnseenRejections(
  transaction: SqlTransaction,
  tables: Tables,
  { scopeId, companyId, runNumber }: LeaseHolder,
  feed: FeedName,
  spareAfter: number | null,
): Promise<void> {
  // An id that no entity can have is seen by no run.
  await transaction.query(
    `DELETE FROM ${tables.rejections} rejection
    WHERE scope_id = $1 AND company_id = $2 AND feed = $3 AND stage = 'structure'
      AND ($5::float8 IS NULL OR last_seen_at <= ${fromEpochMs("$5")})
      AND NOT EXISTS (
        SELECT FROM ${tables.seen_entities} seen
        WHERE seen.run_number = $4 AND seen.feed = $3 AND seen.company_id = $2
          AND seen.entity_id = CASE
            WHEN rejection.entity_id !~ '^[0-9]{1,19}$' THEN NULL
            WHEN rejection.entity_id::numeric > 9223372036854775807 THEN NULL
            ELSE rejection.entity_id::bigint
          END
        OFFSET 0
      )`,
    [scopeId, companyId, feed, runNumber, spareAfter],
  );
}
