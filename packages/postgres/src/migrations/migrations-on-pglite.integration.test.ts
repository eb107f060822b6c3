import { PGlite } from "@electric-sql/pglite";
import { afterAll, expect, it } from "vitest";
import { pglitePool } from "../pglite-pool.js";
import { migrate, migrationSql, migrationStatus } from "./migrate.js";
import { migrations } from "./migrations.generated.js";

const pglite = new PGlite();
const pool = pglitePool(pglite);
afterAll(() => pglite.close());

it("migrates PGlite up, down and up again", async () => {
  const all = migrations.map((step) => step.version);
  expect(await migrate({ pool })).toEqual(all);
  expect(await migrate({ pool })).toEqual([]);
  expect(await migrate({ pool, direction: "down" })).toEqual([...all].reverse());
  expect(await migrationStatus({ pool })).toMatchObject({ current: 0 });
  expect(await migrate({ pool })).toEqual(all);
});

it("gives those who migrate by hand the same that it would run itself", async () => {
  await pglite.exec(migrationSql({ schema: "by hand" }));
  expect(await migrationStatus({ pool, schema: "by hand" })).toMatchObject({
    pending: [],
    isNewerThanProgram: false,
  });
});
