import { ConfigError } from "@titan-sync/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { temporaryPath } from "../__fixtures__/test-database.js";
import { Database } from "../database/database.js";
import { migrate, migrateThrough, migrationStatus } from "./migrate.js";
import { migrations } from "./migrations.generated.js";

let database: Database;
let remove: () => void;
beforeEach(() => {
  const place = temporaryPath();
  remove = place.remove;
  database = new Database({ path: place.path });
});
afterEach(async () => {
  await database.close();
  remove();
});

const all = migrations.map((step) => step.version);

const schema = (): Promise<readonly object[]> =>
  database.read((statements) =>
    statements.all(
      "SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name",
    ),
  );

it("numbers its steps from 1 without gaps", () => {
  expect(all).toEqual(migrations.map((_step, index) => index + 1));
});

it("removes everything, and creates the same schema after down and up", async () => {
  expect(await migrate({ database })).toEqual(all);
  const before = await schema();
  expect(await migrate({ database, direction: "down" })).toEqual([...all].reverse());
  expect(await schema()).toEqual([]);
  expect(await migrationStatus({ database })).toMatchObject({ current: 0, isNewerThanProgram: false });
  await migrate({ database });
  expect(await schema()).toEqual(before);
  expect(await migrate({ database })).toEqual([]);
});

it("checks types: every table is strict", async () => {
  await migrate({ database });
  const loose = await database.read((statements) =>
    statements.all(
      "SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite%'",
    ),
  );
  expect(loose).toEqual([]);
});

it.each([-1, 1.5, 10_000])("refuses the version %s before it does anything", async (to) => {
  await expect(migrate({ database, to })).rejects.toBeInstanceOf(ConfigError);
  expect(await schema()).toEqual([]);
});

it("refuses a database that is newer than the program, and changes nothing", async () => {
  const latest = all.at(-1) ?? 0;
  const future = {
    version: latest + 1,
    name: "future",
    worksWithPrevious: false,
    up: "CREATE TABLE later (id INTEGER) STRICT",
    down: "",
  };
  await migrateThrough([...migrations, future], { database });
  for (const direction of ["up", "down"] as const) {
    const refused = migrate({ database, direction });
    await expect(refused).rejects.toBeInstanceOf(ConfigError);
    await expect(refused).rejects.toThrow(new RegExp(`is at version ${latest + 1}, .*${latest}`));
  }
  expect(await migrationStatus({ database })).toEqual({
    current: latest + 1,
    latest,
    pending: [],
    isNewerThanProgram: true,
    isUsable: false,
  });
});

it("leaves nothing behind from a step that fails", async () => {
  const broken = {
    version: 1,
    name: "broken",
    worksWithPrevious: false,
    up: "CREATE TABLE half (id INTEGER); SELECT nothing",
    down: "",
  };
  await expect(migrateThrough([broken], { database })).rejects.toMatchObject({ code: "STORAGE" });
  expect(await migrationStatus({ database })).toMatchObject({ current: 0 });
  expect(await schema()).toEqual([]);
});
