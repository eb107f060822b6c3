import type { CompanyDetails } from "@titan-sync/core";
import type { Database } from "../database/database.js";

export async function findCompany(
  { query, tables }: Database,
  companyId: string,
): Promise<CompanyDetails | null> {
  const { rows } = await query<{ details: string }>(
    `SELECT details::text AS details FROM ${tables.companies} WHERE company_id = $1`,
    [companyId],
  );
  return rows[0] === undefined ? null : (JSON.parse(rows[0].details) as CompanyDetails);
}

export async function saveCompany(
  { query, tables }: Database,
  companyId: string,
  details: CompanyDetails,
): Promise<void> {
  await query(
    `INSERT INTO ${tables.companies} (company_id, details) VALUES ($1, $2::json)
    ON CONFLICT (company_id) DO UPDATE SET details = excluded.details, updated_at = clock_timestamp()`,
    [companyId, JSON.stringify(details)],
  );
}
