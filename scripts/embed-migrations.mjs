// `pnpm --filter @titan-sync/postgres run embed-migrations` (the same for sqlite): puts the SQL files of the package's
// `sql/` into a module, so that the built package needs no other file.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Where the module of a package goes.
 *
 * @param {string} packageDirectory
 * @returns {string}
 */
export function migrationsModule(packageDirectory) {
  return join(packageDirectory, "src/migrations/migrations.generated.ts");
}

/**
 * The module's text, from the package's SQL files as they are now.
 *
 * @param {string} packageDirectory
 * @returns {string}
 */
export function renderMigrations(packageDirectory) {
  const sqlDirectory = join(packageDirectory, "sql");
  const ups = readdirSync(sqlDirectory).filter((file) => file.endsWith(".up.sql"));
  const entries = ups.sort().map((file) => {
    const [, version = "", name = ""] = /^(\d{4})_(\w+)\.up\.sql$/.exec(file) ?? [];
    /** @param {"up" | "down"} direction */
    const read = (direction) =>
      JSON.stringify(readFileSync(join(sqlDirectory, `${version}_${name}.${direction}.sql`), "utf8"));
    const [header = ""] = readFileSync(join(sqlDirectory, file), "utf8").split("\n", 1);
    const worksWithPrevious = header === "-- Works with programs of the previous version.";
    return `  {\n    version: ${Number(version)},\n    name: ${JSON.stringify(name)},\n    worksWithPrevious: ${worksWithPrevious},\n    up: ${read("up")},\n    down: ${read("down")},\n  },\n`;
  });
  return [
    "// Made from the files in sql/ by scripts/embed-migrations.mjs. Do not edit.\n",
    'import type { Migration } from "@titan-sync/core/support";\n',
    `export const migrations: readonly Migration[] = [\n${entries.join("")}];\n`,
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(migrationsModule(process.cwd()), renderMigrations(process.cwd()));
}
