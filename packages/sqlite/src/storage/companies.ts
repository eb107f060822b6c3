import type { CompanyDetails } from "@titan-sync/core";
import type { Database } from "../database/database.js";

export async function findCompany(database: Database, companyId: string): Promise<CompanyDetails | null> {
  const row = await database.read((statements) =>
    statements.get<{ details: string }>("SELECT details FROM companies WHERE company_id = ?1", companyId),
  );
  return row === undefined ? null : (JSON.parse(row.details) as CompanyDetails);
}

export async function saveCompany(
  database: Database,
  companyId: string,
  details: CompanyDetails,
): Promise<void> {
  await database.transaction((transaction) =>
    transaction.run(
      `INSERT INTO companies (company_id, details, updated_at) VALUES (?1, ?2, ?3)
      ON CONFLICT (company_id) DO UPDATE SET details = excluded.details, updated_at = excluded.updated_at`,
      companyId,
      JSON.stringify(details),
      database.now(),
    ),
  );
}
