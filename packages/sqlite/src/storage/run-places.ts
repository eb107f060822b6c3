import type { Storage } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { requireLease } from "./lease-holder.js";
import { findScopeId } from "./scope.js";

/** Keeps how far a run has come in a piece of its work. */
export async function saveRunPlace(
  database: Database,
  { lease, scope, work, place }: Parameters<Storage["saveRunPlace"]>[0],
): Promise<void> {
  await database.transaction((transaction) => {
    const { runNumber } = requireLease(transaction, lease, scope, database.now());
    transaction.run(
      `INSERT INTO run_places (run_number, work, place) VALUES (?1, ?2, ?3)
      ON CONFLICT (run_number, work) DO UPDATE SET place = excluded.place`,
      runNumber,
      work,
      place,
    );
  });
}

/** How far a run has come, by the piece of work. */
export async function findRunPlaces(
  database: Database,
  { scope, runId }: Parameters<Storage["findRunPlaces"]>[0],
): Promise<ReadonlyMap<string, string>> {
  const rows = await database.read((statements) =>
    statements.all<{ work: string; place: string }>(
      `SELECT place.work, place.place FROM runs run CROSS JOIN run_places place ON place.run_number = run.run_number
      WHERE run.run_id = ?1 AND run.scope_id = ?2`,
      runId,
      findScopeId(statements, scope),
    ),
  );
  return new Map(rows.map(({ work, place }) => [work, place]));
}
