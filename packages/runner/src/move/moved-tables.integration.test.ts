import { join } from "node:path";
import { migrate, moveOut, openSqlite } from "@titan-sync/sqlite";
import { expect, it, onTestFinished } from "vitest";
import { createTestDatabase } from "../../../../test/postgres/database.js";
import { temporaryDirectory } from "../__fixtures__/temporary-directory.js";
import { continuedSequences, filledOtherwise, lastTables, leftOut, movedTables } from "./moved-tables.js";
import { openReader } from "./read-source.js";

const moved = [...movedTables, ...lastTables];
const movedNames = moved.map(({ name }) => name);

async function openBoth() {
  const postgres = await createTestDatabase();
  onTestFinished(() => postgres.drop());
  const database = openSqlite({ path: join(await temporaryDirectory(), "titan-sync.db") });
  onTestFinished(() => database.close());
  await migrate({ database });
  return { postgres, source: await moveOut({ database, target: "postgres://db/titan" }) };
}

it("a move copies every table of either database, except those listed with a reason", async () => {
  const { postgres, source } = await openBoth();
  const held = await source.read<{ name: string }>(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
  );
  const { rows } = await postgres.pool.query<{ name: string }>(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'titan_sync'",
  );
  const names = [...held, ...rows].map(({ name }) => name);
  expect(names.filter((name) => !movedNames.includes(name) && leftOut[name] === undefined)).toEqual([]);
  const wanted = [...movedNames, ...Object.keys(leftOut)];
  expect(wanted.filter((name) => !names.includes(name))).toEqual([]);
});

it("a move fills every column of PostgreSQL, from every column of SQLite", async () => {
  const { postgres, source } = await openBoth();
  for (const table of moved) {
    const { name, dropped = [] } = table;
    const { columns } = await openReader(source, table);
    const { rows } = await postgres.pool.query<{ name: string }>(
      "SELECT column_name AS name FROM information_schema.columns WHERE table_schema = 'titan_sync' AND table_name = $1",
      [name],
    );
    const otherwise = filledOtherwise[name] ?? [];
    expect([name, [...columns, ...otherwise].sort()]).toEqual([name, rows.map((row) => row.name).sort()]);
    const held = await source.read<{ name: string }>("SELECT name FROM pragma_table_info(?1)", [name]);
    expect(dropped.filter((column) => !held.some((known) => known.name === column))).toEqual([]);
  }
});

it("a move continues every sequence of PostgreSQL", async () => {
  const { postgres } = await openBoth();
  const { rows } = await postgres.pool.query<{ table: string; column: string }>(
    `SELECT table_name AS table, column_name AS column FROM information_schema.columns
    WHERE table_schema = 'titan_sync' AND is_identity = 'YES'`,
  );
  const names = (all: readonly { readonly table: string; readonly column: string }[]): readonly string[] =>
    all.map(({ table, column }) => `${table}.${column}`).sort();
  expect(names(continuedSequences)).toEqual(names(rows));
});
