import type {
  Page,
  PageRequest,
  StartLedger,
  StartLedgerEntry,
  Storage,
  StoredStart,
} from "@titan-sync/core";
import { decodeCursor, rowsWanted, toPage } from "@titan-sync/core/support";
import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";

const columns = `credential_id AS credentialId, company_id AS companyId, nominal_at AS nominalAt,
  last_nominal_at AS lastNominalAt, starts AS count, outcome, reason, run_at AS runAt, run_id AS runId,
  decided_at AS decidedAt`;

/** @returns those that had no outcome before. */
export function addStarts(
  statements: Statements,
  { credentialId, companyId }: Pick<StoredStart, "credentialId" | "companyId">,
  entries: readonly StartLedgerEntry[],
): readonly StoredStart[] {
  return entries.flatMap(
    (entry) =>
      statements.get<StoredStart>(
        `INSERT INTO schedule_starts
          (credential_id, company_id, nominal_at, last_nominal_at, starts, outcome, reason, run_at, run_id, decided_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        ON CONFLICT (credential_id, nominal_at) DO NOTHING RETURNING ${columns}`,
        credentialId,
        companyId,
        entry.nominalAt,
        entry.lastNominalAt,
        entry.count,
        entry.outcome,
        entry.reason,
        entry.runAt,
        entry.runId,
        entry.decidedAt,
      ) ?? [],
  );
}

/** Newest first. */
export async function listStarts(
  database: Database,
  { credentialId }: Parameters<StartLedger["listStarts"]>[0],
  page: PageRequest,
): Promise<Page<StoredStart>> {
  const [after] = decodeCursor("starts", 1, page) ?? [];
  const rows = await database.read((statements) =>
    statements.all<StoredStart>(
      `SELECT ${columns} FROM schedule_starts
      WHERE credential_id = ?1 AND nominal_at < ?2 ORDER BY nominal_at DESC LIMIT ?3`,
      credentialId,
      after === undefined ? Number.MAX_SAFE_INTEGER : Number(after),
      rowsWanted(page),
    ),
  );
  return toPage("starts", rows, page, { item: (row) => row, place: (row) => [String(row.nominalAt)] });
}

export async function pruneStarts(
  database: Database,
  { before, limit }: Parameters<Storage["pruneStarts"]>[0],
): Promise<number> {
  return await database.transaction((transaction) =>
    transaction.run(
      `DELETE FROM schedule_starts WHERE (credential_id, nominal_at) IN (
        SELECT credential_id, nominal_at FROM schedule_starts INDEXED BY schedule_starts_by_time
        WHERE decided_at < ?1 ORDER BY decided_at LIMIT ?2
      )`,
      before,
      limit,
    ),
  );
}
