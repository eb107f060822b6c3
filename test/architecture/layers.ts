import { posix } from "node:path";
import { roomOf, wayBack } from "./core-rooms.js";
import { importsOf, type ModuleImport } from "./imports-of.js";
import type { SourceFile } from "./source-files.js";

/** What a package may import of the others, by their public entries. */
interface PackageRule {
  readonly always: readonly string[];
  /** Besides, in files that are not published. */
  readonly inTests: readonly string[];
}

const core = "@titan-sync/core";
const support = "@titan-sync/core/support";
const conformanceSuites = "@titan-sync/core/testing";
const simulator = "@titan-sync/simulator";
const postgres = "@titan-sync/postgres";

const adapter: PackageRule = { always: [core, support], inTests: [conformanceSuites, simulator] };

/** A new package gets its line here and in ARCHITECTURE.md. */
const packageRules: Readonly<Record<string, PackageRule>> = {
  core: { always: [], inTests: [simulator, "@titan-sync/simulator/msw"] },
  postgres: adapter,
  // Its queue is in the database of that storage, and joins its transactions.
  "pg-boss": { ...adapter, always: [...adapter.always, postgres, "@titan-sync/postgres/support"] },
  sqlite: adapter,
  express: adapter,
  runner: {
    always: [
      core,
      support,
      postgres,
      "@titan-sync/pg-boss",
      "@titan-sync/sqlite",
      "@titan-sync/express",
      "@titan-sync/dashboard",
      simulator,
    ],
    inTests: [conformanceSuites],
  },
  // It must not share our mistakes.
  simulator: { always: [], inTests: [] },
  // It measures the rest.
  benchmark: {
    always: [core, conformanceSuites, postgres, "@titan-sync/sqlite", "@titan-sync/express", simulator],
    inTests: [],
  },
  // It talks to the router over HTTP.
  dashboard: { always: [], inTests: [] },
};

/** Core knows databases and web servers only through its ports. */
const driversOfAdapters =
  /^(pg|pg-.*|postgres|@electric-sql\/.*|express|fastify|mysql2?|better-sqlite3|node:sqlite)$/;

/**
 * Checks that imports point the way that ARCHITECTURE.md draws.
 *
 * @returns One message for each import that does not.
 */
export function findLayerViolations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    importsOf(file).flatMap((imported) => {
      const reason = violation(file.path, imported);
      if (reason === null) return [];
      return [
        `LAYER VIOLATION: ${file.path} imports "${imported.specifier}": ${reason}. See ARCHITECTURE.md.`,
      ];
    }),
  );
}

/** `null` when the import is fine. */
function violation(path: string, imported: ModuleImport): string | null {
  const [, packageName = "", , ...inside] = path.split("/");
  const rule = packageRules[packageName];
  if (rule === undefined) return `the package "${packageName}" has no rule in test/architecture/layers.ts`;

  const { specifier } = imported;
  if (specifier.startsWith(".")) {
    const target = posix.join(posix.dirname(path), specifier);
    // The test database is shared by all.
    if (isTest(path) && target.startsWith("test/")) return null;
    if (!target.startsWith(`packages/${packageName}/`)) {
      return "packages meet only through their public entries";
    }
    return packageName === "core" && !isTest(path) ? violationInsideCore(inside, target, imported) : null;
  }
  if (specifier.startsWith("@titan-sync/")) {
    const allowed = isTest(path) ? [...rule.always, ...rule.inTests] : rule.always;
    if (allowed.includes(specifier)) return null;
    // As its users see it.
    if (isTest(path) && `${specifier}/`.startsWith(`@titan-sync/${packageName}/`)) return null;
    return `${packageName} may import ${allowed.length === 0 ? "no other package of ours" : `only ${allowed.join(", ")}`}`;
  }
  if (packageName === "core") return violationByLibrary(path, specifier);
  return null;
}

/** Rules between the rooms of core. Tests are free to use any of them. */
function violationInsideCore(
  inside: readonly string[],
  target: string,
  { typeOnly }: ModuleImport,
): string | null {
  const room = roomOf(inside.join("/"));
  const targetRoom = roomOf(target.replace("packages/core/src/", "").replace(/\.js$/, ".ts"));
  if (room === targetRoom) return null;

  if (room === "ports" && !typeOnly) return "ports import types only";
  // What a dry run would write is kept in memory, whatever the storage is.
  const mayUseMemory = room === "dry-run" || room === "index.ts" || room === "testing";
  if (targetRoom === "memory" && !mayUseMemory) return "only dry runs and index.ts use memory/";
  if (targetRoom === "testing") return "only tests import testing/";
  return wayBack(room, targetRoom, typeOnly);
}

function violationByLibrary(path: string, specifier: string): string | null {
  if (driversOfAdapters.test(specifier)) return "core imports no database driver and no web framework";
  if (specifier === "vitest" && !isTest(path) && !path.startsWith("packages/core/src/testing/")) {
    return "the test runner stays out of what applications load";
  }
  return null;
}

/** Whether a file is never published. */
function isTest(path: string): boolean {
  return (
    /\.test(-d)?\.tsx?$/.test(path) || path.includes("/__fixtures__/") || path.endsWith("/test-support.ts")
  );
}
