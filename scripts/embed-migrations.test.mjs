import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { migrationsModule, renderMigrations } from "./embed-migrations.mjs";
import { inWorkspace } from "./lib/workspace.mjs";

it.each(["postgres", "sqlite"])("%s contains its SQL files unchanged", (name) => {
  const directory = inWorkspace("packages", name);
  expect(readFileSync(migrationsModule(directory), "utf8")).toBe(renderMigrations(directory));
});
