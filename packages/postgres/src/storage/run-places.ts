import type { Storage } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { lockLease } from "./lease-holder.js";
import { isInScope, scopeValues } from "./scope.js";

/** Keeps how far a run has come in a piece of its work. */
export async function keepPlace(
  database: Database,
  { lease, scope, work, place }: Parameters<Storage["saveRunPlace"]>[0],
): Promise<void> {
  const { tables } = database;
  await database.transaction(async (transaction) => {
    const { runNumber, companyId } = await lockLease(transaction, tables, lease, scope);
    await transaction.query(
      `INSERT INTO ${tables.run_places} (run_number, company_id, work, place) VALUES ($1, $2, $3, $4::json)
      ON CONFLICT (run_number, work) DO UPDATE SET place = excluded.place`,
      [runNumber, companyId, work, place],
    );
  });
}

/** How far a run has come, by the piece of work. */
export async function places(
  { query, tables }: Database,
  { scope, runId }: Parameters<Storage["findRunPlaces"]>[0],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await query<{ work: string; place: string }>(
    `SELECT place.work, place.place::text AS place
    FROM ${tables.run_places} place
    JOIN ${tables.runs} run ON run.run_number = place.run_number AND run.company_id = place.company_id
    WHERE ${isInScope(tables, "run")} AND run.run_id = $4`,
    [...scopeValues(scope), runId],
  );
  return new Map(rows.map(({ work, place }) => [work, place]));
}
