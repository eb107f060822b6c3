import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { migrate, openSqlite, sqliteSink, sqliteStorage } from "@titan-sync/sqlite";
import { createTestDatabase } from "../../test/postgres/database.js";
import { columnsOf } from "../../test/sync/own-columns.js";
import type { Row } from "../../test/sync/world.js";
import type { DatabasePlan } from "../workers/open-database.js";
import { type LookedAt, lookAtPostgres } from "./looked-at.js";

/** A database that workers open, one after the other or in parallel. */
export interface Place {
  readonly plan: DatabasePlan;
  look<Result>(work: (database: LookedAt) => Promise<Result>): Promise<Result>;
  drop(): Promise<void>;
}

export interface Places {
  readonly kind: DatabasePlan["kind"];
  /** A fresh database with all migrations. */
  create(): Promise<Place>;
  close(): Promise<void>;
}

export function postgresPlaces(): Places {
  return {
    kind: "PostgreSQL",
    async create() {
      const database = await createTestDatabase();
      return {
        plan: { kind: "PostgreSQL", url: database.url },
        look: (work) => lookAtPostgres(database.pool, work),
        drop: () => database.drop(),
      };
    },
    close: async () => undefined,
  };
}

/** Each one is a copy of one file. */
export async function sqlitePlaces(): Promise<Places> {
  const root = await mkdtemp(path.join(tmpdir(), "titan-sync-sqlite-"));
  const template = path.join(root, "template.db");
  await migrate({ path: template });
  let copies = 0;
  return {
    kind: "SQLite",
    async create() {
      copies += 1;
      const file = path.join(root, `copy-${copies}.db`);
      await cp(template, file);
      return {
        plan: { kind: "SQLite", path: file },
        look: (work) => lookAtSqlite(file, work),
        async drop() {
          for (const end of ["", "-wal", "-shm"]) await rm(`${file}${end}`, { force: true });
        },
      };
    },
    close: () => rm(root, { recursive: true, force: true }),
  };
}

/** Whatever was killed in between, the file must be whole. */
export async function lookAtSqlite<Result>(
  file: string,
  work: (database: LookedAt) => Promise<Result>,
): Promise<Result> {
  const database = openSqlite({ path: file });
  const reader = new DatabaseSync(file, { readOnly: true });
  const all = (text: string, ...values: readonly string[]): readonly Row[] =>
    reader
      .prepare(text)
      .all(...values)
      .map((row) => ({ ...row }));
  try {
    const [check] = all("PRAGMA integrity_check");
    if (check?.["integrity_check"] !== "ok") throw new Error(`The file is damaged: ${JSON.stringify(check)}`);
    return await work({
      storage: sqliteStorage({ database }),
      sink: sqliteSink({ database }),
      totals: "decimal",
      query: async (text) => all(text),
      async records(record, companyId) {
        const rows = all(`SELECT * FROM ${record}s_stream WHERE tenant = ?`, companyId);
        return new Map(rows.map((row) => [String(row["source_id"]), columnsOf(row)]));
      },
      close: async () => undefined,
    });
  } finally {
    reader.close();
    await database.close();
  }
}
