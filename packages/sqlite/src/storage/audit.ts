import type { AuditEntry, AuditLog, Page, PageRequest, StoredAuditEntry } from "@titan-sync/core";
import { decodeNumberCursor, rowsWanted, toPage } from "@titan-sync/core/support";
import { Conditions } from "../database/conditions.js";
import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";

export async function appendAudit(database: Database, entry: AuditEntry): Promise<void> {
  await database.transaction((transaction) => addAuditEntry(transaction, entry, database.now()));
}

/** Adds an entry within a transaction. */
export function addAuditEntry(statements: Statements, entry: AuditEntry, now: number): void {
  statements.run(
    `INSERT INTO audit (at, company_id, actor, action, subject, outcome, request_id, details)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
    now,
    entry.companyId,
    entry.actor,
    entry.action,
    entry.subject,
    entry.outcome,
    entry.requestId ?? null,
    JSON.stringify(entry.details),
  );
}

type AuditRow = Omit<StoredAuditEntry, "details"> & { readonly details: string };

/** Newest first. */
export async function listAudit(
  database: Database,
  filter: Parameters<AuditLog["listAudit"]>[0],
  page: PageRequest,
): Promise<Page<StoredAuditEntry>> {
  const conditions = new Conditions()
    .add(filter.companyId, (value) => `company_id = ${value}`)
    .addAny("company_id", filter.companyIds)
    .addAll(decodeNumberCursor("audit", 1, page), (place) => `entry_id < CAST(${place} AS INTEGER)`);
  const limit = conditions.bind(rowsWanted(page));
  const rows = await database.read((statements) =>
    statements.all<AuditRow>(
      `SELECT CAST(entry_id AS TEXT) AS id, at, company_id AS companyId, actor, action, subject, outcome,
        request_id AS requestId, details
      FROM audit${conditions.where} ORDER BY entry_id DESC LIMIT ${limit}`,
      ...conditions.values,
    ),
  );
  return toPage("audit", rows, page, {
    item: (row) => ({ ...row, details: JSON.parse(row.details) as StoredAuditEntry["details"] }),
    place: (row) => [row.id],
  });
}
