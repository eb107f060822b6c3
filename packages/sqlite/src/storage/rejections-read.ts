import type {
  Page,
  PageRequest,
  RejectionCount,
  RejectionFilter,
  RejectionStage,
  StoredRejection,
  TenantScope,
} from "@titan-sync/core";
import { decodeNumberCursor, rowsWanted, toPage } from "@titan-sync/core/support";

import { Conditions } from "../database/conditions.js";
import type { Database } from "../database/database.js";

type RejectionRow = Omit<StoredRejection, "scope" | "rules"> &
  TenantScope & { readonly rules: string; readonly place: number };

function matching(filter: RejectionFilter): Conditions {
  return new Conditions()
    .add(filter.companyId, (value) => `rejection.company_id = ${value}`)
    .add(filter.credentialId, (value) => `rejection.credential_id = ${value}`)
    .add(filter.feed, (value) => `rejection.feed = ${value}`)
    .add(filter.stage, (value) => `rejection.stage = ${value}`);
}

/** The most frequent reason first. */
export async function countRejections(
  database: Database,
  filter: RejectionFilter,
): Promise<readonly RejectionCount[]> {
  const { where, values } = matching(filter);
  const rows = await database.read((statements) =>
    statements.all<{ feed: string; stage: RejectionStage; rules: string; count: number }>(
      `SELECT feed, stage, rules, count(*) AS count FROM rejections rejection${where}
      GROUP BY feed, stage, rules ORDER BY count(*) DESC, feed, stage, rules`,
      ...values,
    ),
  );
  return rows.map(({ rules, ...row }) => ({ ...row, rules: JSON.parse(rules) as RejectionCount["rules"] }));
}

/** The index that returns a filter's rejections in order. */
function indexFor({ credentialId, companyId }: RejectionFilter): string {
  if (credentialId !== undefined) return "rejections_by_credential";
  return companyId !== undefined ? "rejections_by_company" : "rejections_newest";
}

/** The one that was seen last comes first. */
export async function listRejections(
  database: Database,
  filter: RejectionFilter,
  page: PageRequest,
): Promise<Page<StoredRejection>> {
  const conditions = matching(filter).addAll(
    decodeNumberCursor("rejections", 1, page),
    (place) => `rejection.place < CAST(${place} AS INTEGER)`,
  );
  const limit = conditions.bind(rowsWanted(page));
  const rows = await database.read((statements) =>
    statements.all<RejectionRow>(
      `SELECT CAST(rejection_id AS TEXT) AS id, scope.company_id AS companyId, scope.environment,
        scope.tenant_id AS tenantId, run_id AS runId, feed, entity_id AS entityId, stage, rules, message, payload,
        times_seen AS timesSeen, place, first_seen_at AS firstSeenAt, last_seen_at AS lastSeenAt
      FROM rejections rejection INDEXED BY ${indexFor(filter)}
      CROSS JOIN tenant_scopes scope ON scope.scope_id = rejection.scope_id${conditions.where}
      ORDER BY rejection.place DESC LIMIT ${limit}`,
      ...conditions.values,
    ),
  );
  return toPage("rejections", rows, page, { item: toStoredRejection, place: (row) => [String(row.place)] });
}

function toStoredRejection(row: RejectionRow): StoredRejection {
  const { companyId, environment, tenantId, rules, place: _place, ...rejection } = row;
  return {
    ...rejection,
    scope: { companyId, environment, tenantId },
    rules: JSON.parse(rules) as StoredRejection["rules"],
  };
}
