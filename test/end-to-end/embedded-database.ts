import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Installation } from "./installation.js";

/** The file of an installation's embedded database. */
export function openFile({ directory }: Pick<Installation, "directory">): DatabaseSync {
  return new DatabaseSync(join(directory, ".titan-sync", "titan-sync.db"));
}

/** Changes what is stored behind the program's back. */
export function change(installation: Pick<Installation, "directory">, sql: string): void {
  const database = openFile(installation);
  database.exec(sql);
  database.close();
}

/** Of a killed process, instead of the half minute that they usually last. */
export function endLeasesSoon(installation: Pick<Installation, "directory">): void {
  const soon = Date.now() + 500;
  change(
    installation,
    `UPDATE leases SET expires_at = ${soon}; UPDATE jobs SET claim_ends_at = ${soon} WHERE claim_id IS NOT NULL`,
  );
}
