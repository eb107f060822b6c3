import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ConfigError,
  createSyncWorker,
  createTitanSync,
  generateEncryptionKey,
  type JobQueue,
  memorySink,
  memoryStorage,
  type RecordSink,
  type Storage,
  type SyncWorker,
  staticKeys,
  type TitanSync,
} from "@titan-sync/core";
import type { Migration } from "@titan-sync/core/support";
import { migratePgBoss, pgBossJobQueue } from "@titan-sync/pg-boss";
import { postgresSink } from "@titan-sync/postgres";
import { createSimulator } from "@titan-sync/simulator";
import { openSqlite, sqliteJobQueue, sqliteSink, sqliteStorage } from "@titan-sync/sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { migrateThrough as migratePostgres } from "../../packages/postgres/src/migrations/migrate.js";
import { migrations as postgresMigrations } from "../../packages/postgres/src/migrations/migrations.generated.js";
import { storageOf as postgresStorageOf } from "../../packages/postgres/src/storage/postgres-storage.js";
import { migrateThrough as migrateSqlite } from "../../packages/sqlite/src/migrations/migrate.js";
import { migrations as sqliteMigrations } from "../../packages/sqlite/src/migrations/migrations.generated.js";
import { createTestDatabase } from "../postgres/database.js";

/** A database, and programs on it that know its migrations up to a version. */
interface Place {
  migrate(migrations: readonly Migration[], direction?: "up" | "down"): Promise<readonly number[]>;
  readonly released: readonly Migration[];
  open(known: readonly Migration[]): {
    readonly storage: Storage;
    readonly queue: JobQueue;
    readonly sink: RecordSink;
  };
  tables(name: string): string;
}

async function onPostgres(): Promise<Place> {
  const { pool, drop } = await createTestDatabase();
  onTestFinished(drop);
  await migratePgBoss({ pool });
  return {
    released: postgresMigrations,
    tables: (name) => `:SCHEMA.${name}`,
    migrate: (known, direction = "up") =>
      migratePostgres(known, {
        pool,
        direction,
        ...(direction === "down" && { to: (known.at(-1)?.version ?? 1) - 1 }),
      }),
    open(known) {
      const storage = postgresStorageOf(known, { pool });
      const queue = pgBossJobQueue({ pool, storage });
      onTestFinished(async () => {
        await queue.close();
        await storage.close();
      });
      return { storage, queue, sink: postgresSink({ pool }) };
    },
  };
}

async function onSqlite(): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), "titan-sync-upgrade-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "titan-sync.db");
  const first = openSqlite({ path });
  onTestFinished(() => first.close());
  await migrateSqlite(sqliteMigrations, { database: first });
  return {
    released: sqliteMigrations,
    tables: (name) => name,
    migrate: (known, direction = "up") =>
      migrateSqlite(known, {
        database: first,
        direction,
        ...(direction === "down" && { to: (known.at(-1)?.version ?? 1) - 1 }),
      }),
    open(known) {
      const database = openSqlite({ path, knownMigrations: known });
      onTestFinished(() => database.close());
      return {
        storage: sqliteStorage({ database }),
        queue: sqliteJobQueue({ database }),
        sink: sqliteSink({ database }),
      };
    },
  };
}

/** Migrations that no program has yet: they add a column, and a table. */
function withNext(place: Place, worksWithPrevious: boolean, known = place.released): readonly Migration[] {
  const version = known.length + 1;
  const [runs, table] = [place.tables("runs"), place.tables(`later_${version}`)];
  const column = `note_${version}`;
  return [
    ...known,
    {
      version,
      name: `later_${version}`,
      worksWithPrevious,
      up: `ALTER TABLE ${runs} ADD COLUMN ${column} text; CREATE TABLE ${table} (id integer)`,
      down: `ALTER TABLE ${runs} DROP COLUMN ${column}; DROP TABLE ${table}`,
    },
  ];
}

function createSource() {
  const simulator = createSimulator({
    rateLimitPerSecond: null,
    exportPageSize: 10,
    tenants: [{ customers: 60, invoices: 60 }],
  });
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");
  return {
    tenant,
    keys: generateEncryptionKey(),
    fetch: (async (input, init) => await simulator.handle(new Request(input, init))) as typeof fetch,
  };
}

type Source = ReturnType<typeof createSource>;

/** A program: what it knows, and its worker once it works. */
function startProgram(place: Place, known: readonly Migration[], { keys, fetch }: Source) {
  const { storage, queue, sink } = place.open(known);
  const titan = createTitanSync({
    storage,
    sink,
    keys: staticKeys(keys),
    fetch,
    company: async () => ({ trade: "HVAC" }),
    requestsPerSecond: 1000,
  });
  onTestFinished(() => titan.close());
  function work(): SyncWorker {
    const worker = createSyncWorker({ titan, storage, queue, concurrency: 1, pollMs: 10 });
    onTestFinished(() => worker.close());
    return worker;
  }
  return { storage, queue, titan, work };
}

async function enqueue({ queue }: { readonly queue: JobQueue }, credentialId: string): Promise<string> {
  const runId = randomUUID();
  await queue.enqueue({
    runId,
    credentialId,
    companyId: "acme",
    type: "manual",
    data: "both",
    mode: "incremental",
    fresh: false,
    rederive: false,
    replay: false,
    from: null,
    to: null,
    by: null,
    allowRemovals: false,
    actor: "ann",
    priority: "manual",
  });
  return runId;
}

async function connect({ titan }: { readonly titan: TitanSync }, { tenant }: Source): Promise<string> {
  return (await titan.credentials.create({ companyId: "acme", ...tenant })).id;
}

/** Resolves at the nth landing from now on. */
async function landings(worker: SyncWorker, count: number): Promise<void> {
  let left = count;
  await new Promise<void>((resolve) => {
    const unsubscribe = worker.subscribe(({ event }) => {
      if (event === "batch:landed") left -= 1;
      if (left > 0) return;
      unsubscribe();
      resolve();
    });
  });
}

async function ended(worker: SyncWorker): Promise<void> {
  await new Promise<void>((resolve) => {
    worker.subscribe(({ event }) => {
      if (event === "run:end") resolve();
    });
  });
}

/** The records that are current, by their ids, without the version that each delivery raises. */
async function delivered({ storage }: { readonly storage: Storage }): Promise<ReadonlyMap<string, unknown>> {
  const found = new Map<string, unknown>();
  for (const record of ["member", "invoice"] as const) {
    const { items } = await storage.listRecords({ record }, { limit: 1000 });
    for (const item of items) {
      const { version: _, ...columns }: { version?: unknown } = JSON.parse(item.record);
      found.set(`${record} ${item.id}`, columns);
    }
  }
  expect(found.size).toBeGreaterThan(50);
  return found;
}

async function deliveredUndisturbed(source: Source): Promise<ReadonlyMap<string, unknown>> {
  const storage = memoryStorage();
  const titan = createTitanSync({
    storage,
    sink: memorySink({ storage }),
    keys: staticKeys(source.keys),
    fetch: source.fetch,
    company: async () => ({ trade: "HVAC" }),
    requestsPerSecond: 1000,
  });
  onTestFinished(() => titan.close());
  const credentialId = await connect({ titan }, source);
  expect(await (await titan.sync({ credentialId })).result).toMatchObject({ status: "completed" });
  return await delivered({ storage });
}

const refusal = (message: RegExp) => ({
  code: "CONFIG_INVALID",
  message: expect.stringMatching(message),
  hint: expect.stringContaining("Titan Sync"),
});

describe.each([
  ["PostgreSQL", onPostgres],
  ["SQLite", onSqlite],
])("a rolling upgrade on %s", (_name, openPlace) => {
  test("lets a run go on while the schema is migrated, and a newer worker complete it", async () => {
    const place = await openPlace();
    const source = createSource();
    const next = withNext(place, true);
    const older = startProgram(place, place.released, source);
    const credentialId = await connect(older, source);
    const runId = await enqueue(older, credentialId);
    const first = older.work();
    await landings(first, 2);
    expect(await place.migrate(next)).toEqual([next.length]);
    await landings(first, 2);
    await first.close();
    expect(await older.storage.findRun(runId)).toMatchObject({ status: "paused", handedOver: 1 });

    const newer = startProgram(place, next, source);
    const second = newer.work();
    await ended(second);
    await second.close();
    expect(await newer.storage.findRun(runId)).toMatchObject({ status: "completed", handedOver: 1 });
    const found = await delivered(newer);
    const undisturbed = await deliveredUndisturbed(source);
    expect([...found.keys()].sort()).toEqual([...undisturbed.keys()].sort());
    for (const [id, columns] of undisturbed) expect(found.get(id)).toEqual(columns);

    // A program of the previous version that is restarted meanwhile.
    const restarted = startProgram(place, place.released, source);
    await expect(restarted.storage.checkSchema()).resolves.toBeUndefined();
    const again = await enqueue(restarted, credentialId);
    const third = restarted.work();
    await ended(third);
    await third.close();
    expect(await restarted.storage.findRun(again)).toMatchObject({ status: "completed" });
  });

  test("is refused while a program that the migration does not work with has a run", async () => {
    const place = await openPlace();
    const source = createSource();
    const next = withNext(place, false);
    const older = startProgram(place, place.released, source);
    const runId = await enqueue(older, await connect(older, source));
    const first = older.work();
    await landings(first, 2);
    await expect(place.migrate(next)).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("1 sync is in progress"),
      hint: expect.stringContaining("hand"),
    });
    await first.close();
    expect(await place.migrate(next)).toEqual([next.length]);

    const refused = older.work();
    await expect(refused.finished).rejects.toMatchObject(
      refusal(new RegExp(`at version ${next.length}, .* programs of version ${place.released.length}`)),
    );
    const newer = startProgram(place, next, source);
    const second = newer.work();
    await landings(second, 1);
    await expect(place.migrate(next, "down")).rejects.toMatchObject({ code: "CONFLICT" });
    await ended(second);
    await second.close();
    expect(await newer.storage.findRun(runId)).toMatchObject({ status: "completed", handedOver: 1 });
  });

  test("ends at two versions: an older program starts nothing, and its worker stops", async () => {
    const place = await openPlace();
    const source = createSource();
    const older = startProgram(place, place.released, source);
    const credentialId = await connect(older, source);
    const next = withNext(place, true);
    const afterNext = withNext(place, true, next);
    const runId = await enqueue(older, credentialId);
    const first = older.work();
    await landings(first, 2);
    await place.migrate(next);
    await expect(place.migrate(afterNext)).rejects.toMatchObject({ code: "CONFLICT" });
    await first.close();
    await place.migrate(afterNext);

    const tooOld = refusal(new RegExp(`at version ${afterNext.length}, .* up to ${place.released.length}`));
    await expect(older.storage.checkSchema()).rejects.toMatchObject(tooOld);
    await expect(older.titan.sync({ credentialId })).rejects.toMatchObject(tooOld);
    await expect(older.work().finished).rejects.toMatchObject(tooOld);
    expect(await startProgram(place, afterNext, source).storage.findRun(runId)).toMatchObject({
      status: "paused",
    });
  });

  test("begins with the migration: a newer program does not work with the schema before", async () => {
    const place = await openPlace();
    const source = createSource();
    const older = startProgram(place, place.released, source);
    const credentialId = await connect(older, source);
    const newer = startProgram(place, withNext(place, true), source);
    const tooNew = {
      ...refusal(
        new RegExp(`at version ${place.released.length}, .* needs version ${place.released.length + 1}`),
      ),
      hint: expect.stringContaining("titan-sync migrate up"),
    };
    await expect(newer.storage.checkSchema()).rejects.toMatchObject(tooNew);
    await expect(newer.titan.sync({ credentialId })).rejects.toMatchObject(tooNew);
    const { finished } = newer.work();
    await expect(finished).rejects.toBeInstanceOf(ConfigError);
    await expect(finished).rejects.toMatchObject(tooNew);
  });
});
