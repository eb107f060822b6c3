import type { AuditEntry, AuditLog, Page, PageRequest, StoredAuditEntry } from "@titan-sync/core";
import { decodeNumberCursor, rowsWanted, toPage } from "@titan-sync/core/support";
import { Conditions } from "../database/conditions.js";
import type { Database } from "../database/database.js";
import { epochMs } from "../database/values.js";

export async function appendAudit(
  { query, tables }: Pick<Database, "query" | "tables">,
  entry: AuditEntry,
): Promise<void> {
  await query(
    `INSERT INTO ${tables.audit} (company_id, actor, action, subject, outcome, request_id, details)
    VALUES ($1, $2, $3, $4, $5, $6, $7::json)`,
    [
      entry.companyId,
      entry.actor,
      entry.action,
      entry.subject,
      entry.outcome,
      entry.requestId ?? null,
      JSON.stringify(entry.details),
    ],
  );
}

type AuditRow = Omit<StoredAuditEntry, "details"> & { readonly details: string };

/** Newest first. */
export async function listAudit(
  { query, tables }: Database,
  filter: Parameters<AuditLog["listAudit"]>[0],
  page: PageRequest,
): Promise<Page<StoredAuditEntry>> {
  const conditions = new Conditions()
    .add(filter.companyId, (value) => `company_id = ${value}`)
    .add(filter.companyIds, (value) => `company_id = ANY (${value}::text[])`)
    .addAll(decodeNumberCursor("audit", 1, page), (place) => `entry_id < ${place}::bigint`);
  const limit = conditions.bind(rowsWanted(page));
  const { rows } = await query<AuditRow>(
    `SELECT entry_id::text AS id, ${epochMs("at")} AS at, company_id AS "companyId", actor, action, subject,
      outcome, request_id AS "requestId", details::text AS details
    FROM ${tables.audit} entry${conditions.where}
    ORDER BY entry.entry_id DESC LIMIT ${limit}`,
    conditions.values,
  );
  return toPage("audit", rows, page, {
    item: (row) => ({ ...row, details: JSON.parse(row.details) as StoredAuditEntry["details"] }),
    place: (row) => [row.id],
  });
}
