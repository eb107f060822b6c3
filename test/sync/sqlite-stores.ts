import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { migrate, openSqlite, sqliteSink, sqliteStorage } from "@titan-sync/sqlite";
import { columnsOf } from "./own-columns.js";
import type { Row, Stores } from "./world.js";

/** Storage and sink in one new file. */
export async function openSqliteStores(): Promise<Stores> {
  const directory = mkdtempSync(join(tmpdir(), "titan-sync-stores-"));
  const path = join(directory, "titan-sync.db");
  const database = openSqlite({ path });
  await migrate({ database });
  // As a host reads it.
  const reader = new DatabaseSync(path, { readOnly: true });
  return {
    storage: sqliteStorage({ database }),
    sink: sqliteSink({ database }),
    totals: "decimal",
    async records(record, companyId) {
      const rows = reader
        .prepare(`SELECT * FROM ${record}s_stream WHERE tenant = ? ORDER BY CAST(source_id AS INTEGER)`)
        .all(companyId)
        .map((row): Row => ({ ...row }));
      return new Map(rows.map((row) => [String(row["source_id"]), columnsOf(row)]));
    },
    async close() {
      reader.close();
      await database.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
