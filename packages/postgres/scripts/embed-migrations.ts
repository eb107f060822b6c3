// `pnpm --filter @titan-sync/postgres run embed-migrations`: puts the SQL files of `sql/` into a module, so
// that the built package needs no other file.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const sqlDirectory = new URL("../sql/", import.meta.url);

/** Where the module goes. */
export const modulePath: string = fileURLToPath(
  new URL("../src/migrations/migrations.generated.ts", import.meta.url),
);

/** The module's text, from the files as they are now. */
export function renderModule(): string {
  const ups = readdirSync(sqlDirectory).filter((file) => file.endsWith(".up.sql"));
  const entries = ups.sort().map((file) => {
    const [, version = "", name = ""] = /^(\d{4})_(\w+)\.up\.sql$/.exec(file) ?? [];
    const read = (direction: string): string =>
      JSON.stringify(readFileSync(new URL(`${version}_${name}.${direction}.sql`, sqlDirectory), "utf8"));
    return `  {\n    version: ${Number(version)},\n    name: ${JSON.stringify(name)},\n    up: ${read("up")},\n    down: ${read("down")},\n  },\n`;
  });
  return [
    "// Made from the files in sql/ by scripts/embed-migrations.ts. Do not edit.\n",
    'import type { Migration } from "@titan-sync/core/support";\n',
    `export const migrations: readonly Migration[] = [\n${entries.join("")}];\n`,
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(modulePath, renderModule());
