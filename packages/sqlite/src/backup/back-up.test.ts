import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createTestDatabase, temporaryPath } from "../__fixtures__/test-database.js";
import { openTarget } from "../database/database.js";
import { openSqlite } from "../index.js";
import { sqliteStorage } from "../storage/sqlite-storage.js";
import { backUp } from "./back-up.js";

async function open() {
  const test = await createTestDatabase();
  onTestFinished(() => test.drop());
  const place = temporaryPath();
  onTestFinished(place.remove);
  return { ...test, to: join(dirname(place.path), "copy.db"), directory: dirname(place.path) };
}

/** Companies with details of some size, so that the copy takes several parts. */
async function fill(database: Parameters<typeof openTarget>[0], from: number, count: number): Promise<void> {
  const open = openTarget(database).database;
  await open.transaction((transaction) => {
    for (let index = from; index < from + count; index += 1) {
      transaction.run(
        "INSERT INTO companies (company_id, details, updated_at) VALUES (?1, ?2, 0)",
        `company-${index}`,
        JSON.stringify("x".repeat(30_000)),
      );
    }
  });
}

async function countIn(path: string): Promise<number> {
  const copy = openSqlite({ path });
  try {
    const [row] = await openTarget({ database: copy }).database.read((statements) =>
      statements.all<{ count: number }>("SELECT count(*) AS count FROM companies"),
    );
    return row?.count ?? 0;
  } finally {
    await copy.close();
  }
}

it("copies the state of one moment while others continue to write, and does not start over", async () => {
  const { database, path, to } = await open();
  await fill({ database }, 0, 300);
  const other = openSqlite({ path });
  let parts = 0;
  const bytes = await backUp({
    database,
    to,
    onProgress: () => {
      parts += 1;
      void openTarget({ database: other }).database.transaction((transaction) => {
        transaction.run(
          `INSERT INTO companies (company_id, details, updated_at) VALUES ('new-${parts}', '{}', 0)`,
        );
      });
    },
  });
  await other.close();
  expect(parts).toBeGreaterThan(1);
  expect(parts).toBeLessThan(8);
  expect(bytes).toBe(statSync(to).size);
  expect(await countIn(to)).toBe(300);
});

it("leaves a file that only its owner can read, and nothing next to it", async () => {
  const { database, to, directory } = await open();
  await backUp({ database, to });
  expect(statSync(to).mode & 0o777).toBe(0o600);
  expect(readdirSync(directory)).toEqual(["copy.db"]);
});

it("does not replace a file unless requested", async () => {
  const { database, to } = await open();
  writeFileSync(to, "somebody's");
  await expect(backUp({ database, to })).rejects.toThrow(`The file ${to} exists.`);
  expect(readFileSync(to, "utf8")).toBe("somebody's");
  await backUp({ database, to, overwrite: true });
  expect(await countIn(to)).toBe(0);
});

it("never replaces the database itself, even under another name", async () => {
  const { database, path, directory } = await open();
  const alias = join(directory, "alias.db");
  symlinkSync(path, alias);
  for (const to of [path, alias, `${path}-wal`]) {
    await expect(backUp({ database, to, overwrite: true })).rejects.toThrow("is the database itself");
  }
});

it("leaves nothing when it is stopped", async () => {
  const { database, to, directory } = await open();
  await fill({ database }, 0, 300);
  const stop = new AbortController();
  const backup = backUp({ database, to, signal: stop.signal, onProgress: () => stop.abort() });
  await expect(backup).rejects.toMatchObject({ name: "AbortError" });
  expect(readdirSync(directory)).toEqual([]);
});

it("says when the directory is missing or cannot be written", async () => {
  const { database, directory } = await open();
  await expect(backUp({ database, to: join(directory, "missing", "copy.db") })).rejects.toThrow("(ENOENT)");
  if (process.getuid?.() === 0) return;
  chmodSync(directory, 0o500);
  onTestFinished(() => chmodSync(directory, 0o700));
  await expect(backUp({ database, to: join(directory, "copy.db") })).rejects.toThrow("(EACCES)");
});

it("creates a copy that a storage can use", async () => {
  const { database, to } = await open();
  await sqliteStorage({ database }).saveCompany("acme", { trade: "HVAC" });
  await backUp({ database, to });
  expect(existsSync(to)).toBe(true);
  const storage = sqliteStorage({ path: to });
  expect(await storage.findCompany("acme")).toMatchObject({ trade: "HVAC" });
  await storage.saveCompany("acme", { trade: "Plumbing" });
  await storage.close();
});
