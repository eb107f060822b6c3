import type {
  Page,
  PageRequest,
  StartLedger,
  StartLedgerEntry,
  Storage,
  StoredStart,
} from "@titan-sync/core";
import { decodeCursor, rowsWanted, toPage } from "@titan-sync/core/support";
import type { Database } from "../database/database.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { epochMs, fromEpochMs } from "../database/values.js";

const columns = `credential_id AS "credentialId", company_id AS "companyId", ${epochMs("nominal_at")} AS "nominalAt",
  ${epochMs("last_nominal_at")} AS "lastNominalAt", starts AS count, outcome, reason,
  ${epochMs("run_at")} AS "runAt", run_id AS "runId", ${epochMs("decided_at")} AS "decidedAt"`;

/** @returns those that had no outcome before. */
export async function addStarts(
  { query }: SqlTransaction,
  tables: Tables,
  { credentialId, companyId }: Pick<StoredStart, "credentialId" | "companyId">,
  entries: readonly StartLedgerEntry[],
): Promise<readonly StoredStart[]> {
  if (entries.length === 0) return [];
  const { rows } = await query<StoredStart>(
    `INSERT INTO ${tables.schedule_starts}
      (credential_id, company_id, nominal_at, last_nominal_at, starts, outcome, reason, run_at, run_id, decided_at)
    SELECT $1, $2, ${fromEpochMs("(entry ->> 'nominalAt')")}, ${fromEpochMs("(entry ->> 'lastNominalAt')")},
      (entry ->> 'count')::integer, entry ->> 'outcome', entry ->> 'reason', ${fromEpochMs("(entry ->> 'runAt')")},
      entry ->> 'runId', ${fromEpochMs("(entry ->> 'decidedAt')")}
    FROM json_array_elements($3::json) WITH ORDINALITY AS given (entry, place) ORDER BY place
    ON CONFLICT (credential_id, nominal_at) DO NOTHING RETURNING ${columns}`,
    [credentialId, companyId, JSON.stringify(entries)],
  );
  return rows;
}

/** Newest first. */
export async function listStarts(
  { query, tables }: Database,
  { credentialId }: Parameters<StartLedger["listStarts"]>[0],
  page: PageRequest,
): Promise<Page<StoredStart>> {
  const [after = null] = decodeCursor("starts", 1, page) ?? [];
  const { rows } = await query<StoredStart>(
    `SELECT ${columns} FROM ${tables.schedule_starts}
    WHERE credential_id = $1 AND ($2::text IS NULL OR nominal_at < ${fromEpochMs("$2")})
    ORDER BY schedule_starts.nominal_at DESC LIMIT $3`,
    [credentialId, after, rowsWanted(page)],
  );
  return toPage("starts", rows, page, { item: (row) => row, place: (row) => [String(row.nominalAt)] });
}

export async function pruneStarts(
  { query, tables }: Database,
  { before, limit }: Parameters<Storage["pruneStarts"]>[0],
): Promise<number> {
  const { rowCount } = await query(
    `DELETE FROM ${tables.schedule_starts} WHERE (credential_id, nominal_at) IN (
      SELECT credential_id, nominal_at FROM ${tables.schedule_starts}
      WHERE decided_at < ${fromEpochMs("$1")} ORDER BY decided_at LIMIT $2
    )`,
    [before, limit],
  );
  return rowCount;
}
