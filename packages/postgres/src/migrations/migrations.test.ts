import { readFileSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { ConfigError } from "@titan-sync/core";
import { expect, it } from "vitest";
import { modulePath, renderModule } from "../../scripts/embed-migrations.js";
import { pglitePool } from "../pglite-pool.js";
import { migrate, migrationSql, migrationStatus } from "./migrate.js";
import { migrations } from "./migrations.generated.js";

it("carries the SQL files as they are", () => {
  expect(readFileSync(modulePath, "utf8")).toBe(renderModule());
});

it("numbers its steps from 1 without gaps, each with a way back", () => {
  expect(migrations.map((step) => step.version)).toEqual(migrations.map((_step, index) => index + 1));
  for (const { up, down } of migrations) for (const text of [up, down]) expect(text).toContain(":SCHEMA");
});

it("migrates PGlite up, down and up again", async () => {
  const pglite = new PGlite();
  const pool = pglitePool(pglite);
  const all = migrations.map((step) => step.version);
  expect(await migrate({ pool })).toEqual(all);
  expect(await migrate({ pool })).toEqual([]);
  expect(await migrate({ pool, direction: "down" })).toEqual([...all].reverse());
  expect(await migrationStatus({ pool })).toMatchObject({ current: 0 });
  expect(await migrate({ pool })).toEqual(all);
  await pglite.close();
});

it("gives those who migrate by hand the same that it would run itself", async () => {
  const pglite = new PGlite();
  const pool = pglitePool(pglite);
  await pglite.exec(migrationSql({ schema: "by hand" }));
  expect(await migrationStatus({ pool, schema: "by hand" })).toMatchObject({
    pending: [],
    isNewerThanProgram: false,
  });
  await pglite.close();
});

it.each([
  ["to", { to: -1 }],
  ["to", { to: 1.5 }],
  ["to", { to: 10_000 }],
  ["schema", { schema: "" }],
  ["schema", { schema: "x".repeat(64) }],
  ["timeoutMs", { timeoutMs: 0 }],
])("refuses an unusable %s before it does anything", async (name, given) => {
  const pool = { connect: () => Promise.reject(new Error("must not be called")) };
  const refused = migrate({ pool, ...given });
  await expect(refused).rejects.toBeInstanceOf(ConfigError);
  await expect(refused).rejects.toThrow(name);
});
