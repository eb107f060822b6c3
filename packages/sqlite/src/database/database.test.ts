import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ConfigError, StorageError } from "@titan-sync/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrate } from "../migrations/migrate.js";
import { sqliteStorage } from "../storage/sqlite-storage.js";
import { Database, openSqlite } from "./database.js";

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "titan-sync-file-"));
  path = join(directory, "data", "titan-sync.db");
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);

/** Makes a file with all tables, and closes it. */
async function make(): Promise<void> {
  await migrate({ path });
}

function caught(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

const entry = {
  actor: "ann",
  action: "sync:start",
  subject: "s",
  companyId: "acme",
  outcome: "success",
} as const;

describe("the file", () => {
  it("could be read by everybody on the machine, as could the files next to it", async () => {
    const database = openSqlite({ path });
    await migrate({ database });
    expect([path, `${path}-wal`, `${path}-shm`].map(modeOf)).toEqual(["600", "600", "600"]);
    expect(modeOf(dirname(path))).toBe("700");
    await database.close();
  });

  it("remained readable to others if it had been readable before", async () => {
    await make();
    chmodSync(path, 0o644);
    const database = openSqlite({ path });
    expect(modeOf(path)).toBe("600");
    await database.close();
  });

  it("was created in a directory that others can open", () => {
    chmodSync(directory, 0o755);
    const refused = caught(() => openSqlite({ path: join(directory, "titan-sync.db") }));
    expect(refused).toBeInstanceOf(ConfigError);
    expect(refused).toMatchObject({ hint: expect.stringContaining(`chmod 700 ${directory}`) });
  });

  it("was created on a network file system, where locks do not work", () => {
    const refused = caught(() => openSqlite({ path, fileSystemType: () => 0x6969 }));
    expect(refused).toBeInstanceOf(ConfigError);
    expect(refused).toMatchObject({ message: expect.stringContaining("network file system (NFS)") });
  });

  it("cannot be created where this user may not write, and the error says why", () => {
    writeFileSync(join(directory, "file"), "");
    const refused = caught(() => openSqlite({ path: join(directory, "file", "titan-sync.db") }));
    expect(refused).toBeInstanceOf(ConfigError);
    expect(refused).toMatchObject({ message: expect.stringMatching(/cannot be written \(E[A-Z]+\)/) });
  });

  it.each(["", ":memory:", "a\0b"])("has no usable path: %j", (given) => {
    expect(() => openSqlite({ path: given })).toThrow(ConfigError);
  });

  it("of another program was mistaken for ours", () => {
    writeFileSync(join(directory, "other.db"), "");
    const other = new DatabaseSync(join(directory, "other.db"));
    other.exec("CREATE TABLE theirs (id INTEGER)");
    other.close();
    const refused = caught(() => sqliteStorage({ path: join(directory, "other.db") }));
    expect(refused).toBeInstanceOf(ConfigError);
    expect(refused).toMatchObject({ message: expect.stringContaining("another program") });
  });

  it("of a newer version was used", async () => {
    await make();
    const newer = new DatabaseSync(path);
    newer.exec("PRAGMA user_version = 999");
    newer.close();
    const refused = caught(() => sqliteStorage({ path }));
    expect(refused).toBeInstanceOf(ConfigError);
    expect(refused).toMatchObject({ hint: expect.stringContaining("newer version of Titan Sync") });
  });

  it("has a damaged header", async () => {
    await make();
    const file = openSync(path, "r+");
    writeSync(file, Buffer.alloc(100, "x"), 0, 100, 0);
    closeSync(file);
    const refused = caught(() => sqliteStorage({ path }));
    expect(refused).toBeInstanceOf(StorageError);
    expect(refused).toMatchObject({ hint: expect.stringContaining("restore the last backup") });
  });

  it("is damaged in the middle", async () => {
    await make();
    const file = openSync(path, "r+");
    const { size } = statSync(path);
    writeSync(file, Buffer.alloc(size - 4096, "x"), 0, size - 4096, 4096);
    closeSync(file);
    const refused = caught(() => sqliteStorage({ path }));
    expect(refused).toBeInstanceOf(StorageError);
    expect(refused).toMatchObject({ hint: expect.stringContaining("restore the last backup") });
  });

  it("lacks its tables, and the error says how to create them", async () => {
    const storage = sqliteStorage({ path });
    await expect(storage.findRun("any")).rejects.toMatchObject({
      code: "STORAGE",
      hint: expect.stringContaining("titan-sync migrate up"),
    });
    await storage.close();
  });

  it("is full, and everything acknowledged before is kept", async () => {
    await make();
    const storage = sqliteStorage({ path, maxBytes: statSync(path).size + 40 * 4096 });
    let kept = 0;
    const refused = await (async () => {
      for (;;) {
        await storage.appendAudit({ ...entry, details: { text: "x".repeat(8000) } });
        kept += 1;
      }
    })().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StorageError);
    expect(refused).toMatchObject({ retryable: true, message: expect.stringContaining("disk is full") });
    expect(kept).toBeGreaterThan(0);
    await storage.close();
    const roomier = sqliteStorage({ path });
    await roomier.appendAudit({ ...entry, details: {} });
    const { items } = await roomier.listAudit({}, { limit: 1000 });
    expect(items).toHaveLength(kept + 1);
    await roomier.close();
  });

  it("acknowledged writes before they were on disk, or did not enforce foreign keys", async () => {
    const database = new Database({ path });
    const settings = await database.transaction((transaction) =>
      ["journal_mode", "synchronous", "foreign_keys"].map((name) =>
        transaction.get<Record<string, unknown>>(`PRAGMA ${name}`),
      ),
    );
    // 2 is FULL: the log is on the disk when a commit returns.
    expect(settings).toEqual([{ journal_mode: "wal" }, { synchronous: 2 }, { foreign_keys: 1 }]);
    await database.close();
  });

  it("may be closed twice, and reports later use", async () => {
    await make();
    const storage = sqliteStorage({ path });
    await storage.close();
    await storage.close();
    await expect(storage.findRun("any")).rejects.toThrow("closed");
  });
});

describe("writers of several connections", () => {
  it("failed because the database was locked when they collided", async () => {
    await make();
    const databases = Array.from({ length: 4 }, () => new Database({ path }));
    const storages = databases.map((database) => sqliteStorage({ database }));
    await Promise.all(
      storages.flatMap((storage) =>
        Array.from({ length: 25 }, () => storage.appendAudit({ ...entry, details: {} })),
      ),
    );
    const [first] = storages;
    expect((await first?.listAudit({}, { limit: 1000 }))?.items).toHaveLength(100);
    for (const database of databases) await database.close();
  });

  it("wait without blocking timers, and finally report that another process is writing", async () => {
    await make();
    const holder = new DatabaseSync(path);
    holder.exec("BEGIN IMMEDIATE");
    const storage = sqliteStorage({ path, timeoutMs: 100 });
    const refused = await storage.appendAudit({ ...entry, details: {} }).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: "STORAGE",
      retryable: true,
      hint: expect.stringContaining("Another process is writing"),
    });
    await storage.close();

    const patient = sqliteStorage({ path, timeoutMs: 300_000 });
    const waiting = patient.appendAudit({ ...entry, details: {} });
    for (let ticks = 0; ticks < 3; ticks += 1) await new Promise((resolve) => setTimeout(resolve, 5));
    holder.exec("ROLLBACK");
    await waiting;
    holder.close();
    await patient.close();
  });

  it("migrate once if many start at once", async () => {
    const applied = await Promise.all(Array.from({ length: 10 }, () => migrate({ path })));
    expect(applied.filter((versions) => versions.length > 0)).toHaveLength(1);
  });
});
