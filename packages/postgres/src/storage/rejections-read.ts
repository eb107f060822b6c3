import type {
  Page,
  PageRequest,
  RejectionCount,
  RejectionFilter,
  RejectionStage,
  StoredRejection,
} from "@titan-sync/core";
import { decodeNumberCursor, rowsWanted, toPage } from "@titan-sync/core/support";
import { Conditions } from "../database/conditions.js";
import type { Database } from "../database/database.js";
import { epochMs } from "../database/values.js";

type RejectionRow = Omit<StoredRejection, "scope" | "rules"> & {
  readonly companyId: string;
  readonly environment: StoredRejection["scope"]["environment"];
  readonly tenantId: string;
  readonly rules: string;
  readonly place: string;
};

function matching(filter: RejectionFilter): Conditions {
  return new Conditions()
    .add(filter.companyId, (value) => `rejection.company_id = ${value}`)
    .add(filter.credentialId, (value) => `rejection.credential_id = ${value}`)
    .add(filter.feed, (value) => `rejection.feed = ${value}`)
    .add(filter.stage, (value) => `rejection.stage = ${value}`);
}

/** The most frequent reason first. */
export async function countRejections(
  { query, tables }: Database,
  filter: RejectionFilter,
): Promise<readonly RejectionCount[]> {
  const { where, values } = matching(filter);
  const { rows } = await query<{ feed: string; stage: RejectionStage; rules: string; count: string }>(
    `SELECT feed::text AS feed, stage, rules::text AS rules, count(*)::text AS count
    FROM ${tables.rejections} rejection${where}
    GROUP BY feed, stage, rules::text ORDER BY count(*) DESC, feed, stage, rules::text`,
    values,
  );
  return rows.map(({ feed, stage, rules, count }) => ({
    feed,
    stage,
    rules: JSON.parse(rules) as RejectionCount["rules"],
    count: Number(count),
  }));
}

/** The one that was seen last comes first. */
export async function listRejections(
  { query, tables }: Database,
  filter: RejectionFilter,
  page: PageRequest,
): Promise<Page<StoredRejection>> {
  const conditions = matching(filter).addAll(
    decodeNumberCursor("rejections", 1, page),
    (place) => `rejection.place < ${place}::bigint`,
  );
  const limit = conditions.bind(rowsWanted(page));
  const { rows } = await query<RejectionRow>(
    `SELECT rejection_id::text AS id, scope.company_id AS "companyId", scope.environment::text AS environment,
      scope.tenant_id AS "tenantId", run_id AS "runId", feed::text AS feed, entity_id AS "entityId", stage,
      rules::text AS rules, message, payload, times_seen AS "timesSeen", place::text AS place,
      ${epochMs("first_seen_at")} AS "firstSeenAt", ${epochMs("last_seen_at")} AS "lastSeenAt"
    FROM ${tables.rejections} rejection
    JOIN ${tables.tenant_scopes} scope
      ON scope.scope_id = rejection.scope_id AND scope.company_id = rejection.company_id${conditions.where}
    ORDER BY rejection.place DESC LIMIT ${limit}`,
    conditions.values,
  );
  return toPage("rejections", rows, page, { item: toStoredRejection, place: (row) => [row.place] });
}

function toStoredRejection(row: RejectionRow): StoredRejection {
  const { companyId, environment, tenantId, rules, place: _place, ...rejection } = row;
  return {
    ...rejection,
    scope: { companyId, environment, tenantId },
    rules: JSON.parse(rules) as StoredRejection["rules"],
  };
}
