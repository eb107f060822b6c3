import { ConfigError } from "@titan-sync/core";
import { expect, it } from "vitest";
import { migrate } from "./migrate.js";
import { migrations } from "./migrations.generated.js";

it("numbers its steps from 1 without gaps, each reversible", () => {
  expect(migrations.map((step) => step.version)).toEqual(migrations.map((_step, index) => index + 1));
  for (const { up, down } of migrations) for (const text of [up, down]) expect(text).toContain(":SCHEMA");
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
