import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { migrate, type PgPoolLike } from "@titan-sync/postgres";
import { createTestDatabase } from "../../test/postgres/database.js";
import { type DatabasePlan, openDatabase } from "../workers/open-database.js";

/** A database that workers open, one after the other. */
export interface Place {
  readonly plan: DatabasePlan;
  /** Opens it in this process while no worker has it. */
  look<Result>(work: (pool: PgPoolLike) => Promise<Result>): Promise<Result>;
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
        look: (work) => work(database.pool),
        drop: () => database.drop(),
      };
    },
    close: async () => undefined,
  };
}

/** Each one is a copy of one directory, since making one from nothing takes seconds. */
export async function embeddedPlaces(): Promise<Places> {
  const root = await mkdtemp(path.join(tmpdir(), "titan-sync-embedded-"));
  const template = path.join(root, "template");
  await lookInto(template, (pool) => migrate({ pool }));
  let copies = 0;
  return {
    kind: "embedded",
    async create() {
      copies += 1;
      const directory = path.join(root, `copy-${copies}`);
      await cp(template, directory, { recursive: true });
      return {
        plan: { kind: "embedded", directory },
        look: (work) => lookInto(directory, work),
        drop: () => rm(directory, { recursive: true, force: true }),
      };
    },
    close: () => rm(root, { recursive: true, force: true }),
  };
}

async function lookInto<Result>(
  directory: string,
  work: (pool: PgPoolLike) => Promise<Result>,
): Promise<Result> {
  const { pool, close } = await openDatabase({ kind: "embedded", directory });
  try {
    return await work(pool);
  } finally {
    await close();
  }
}
