import { describe, expect, it } from "vitest";
import { findLayerViolations } from "./layers.js";
import { packageNames, readSourceFiles } from "./source-files.js";

describe("the direction of imports", () => {
  it("is kept by every source file", () => {
    expect(findLayerViolations(readSourceFiles())).toEqual([]);
  });

  it("is read from every package", () => {
    const read = new Set(readSourceFiles().map((file) => file.path.split("/")[1]));
    expect([...read].sort()).toEqual(packageNames().sort());
  });
});

describe("the checker", () => {
  const violations = (path: string, text: string): string[] => findLayerViolations([{ path, text }]);

  it.each([
    [
      "core names an adapter",
      "core/src/sync/a.ts",
      'import { postgresStorage } from "@titan-sync/postgres";',
    ],
    ["core names a database driver", "core/src/sync/a.ts", 'import { Pool } from "pg";'],
    [
      "core names a web framework, only for its types",
      "core/src/a.ts",
      'import type { Router } from "express";',
    ],
    ["core loads the test runner", "core/src/sync/a.ts", 'import { vi } from "vitest";'],
    [
      "core's published suites name the simulator",
      "core/src/testing/a.ts",
      'import "@titan-sync/simulator";',
    ],
    [
      "an adapter reaches behind core's entries",
      "postgres/src/a.ts",
      'import { x } from "@titan-sync/core/dist/x.js";',
    ],
    [
      "an adapter reaches into core's folder",
      "postgres/src/a.ts",
      'import { x } from "../../core/src/x.js";',
    ],
    ["an adapter names another adapter", "express/src/a.ts", 'export { x } from "@titan-sync/postgres";'],
    ["an adapter publishes what is for tests", "postgres/src/a.ts", 'import "@titan-sync/core/testing";'],
    ["the simulator names core", "simulator/src/a.ts", 'import type { FeedName } from "@titan-sync/core";'],
    [
      "the simulator's test names core",
      "simulator/src/a.test.ts",
      'import { feeds } from "@titan-sync/core";',
    ],
    [
      "a port runs code of another folder",
      "core/src/ports/a.ts",
      'import { feeds } from "../feeds/feeds.js";',
    ],
    [
      "a port names an implementation's type",
      "core/src/ports/a.ts",
      'import type { X } from "../http/x.js";',
    ],
    ["errors import anything", "core/src/errors.ts", 'import type { Feed } from "./feeds/feed.js";'],
    ["the engine uses the in-memory storage", "core/src/sync/a.ts", 'import { x } from "../memory/x.js";'],
    [
      "the engine uses a conformance suite",
      "core/src/sync/a.ts",
      'import type { X } from "../testing/x.js";',
    ],
    ["an import happens at run time", "core/src/sync/a.ts", 'const pg = await import("pg");'],
    ["a type names its module in place", "core/src/sync/a.ts", 'let pool: import("pg").Pool;'],
    [
      "published code uses the test database",
      "postgres/src/a.ts",
      'import "../../../test/postgres/database.js";',
    ],
    ["published code imports its own package", "postgres/src/a.ts", 'import "@titan-sync/postgres";'],
    ["a package has no rule", "mysql/src/a.ts", 'import { x } from "./x.js";'],
  ])("objects when %s", (_case, path, text) => {
    const file = `packages/${path}`;
    expect(violations(file, text)).toEqual([
      expect.stringMatching(/^LAYER VIOLATION: packages\/.* imports ".*": .+ See ARCHITECTURE\.md\.$/),
    ]);
    expect(violations(file, text)[0]).toContain(file);
  });

  it.each([
    ["ports name records as types", "core/src/ports/a.ts", 'import type { R } from "../records/record.js";'],
    ["core's tests use the simulator", "core/src/sync/a.test.ts", 'import "@titan-sync/simulator";'],
    [
      "core's tests use the in-memory storage",
      "core/src/sync/a.test.ts",
      'import { x } from "../memory/x.js";',
    ],
    [
      "a dry run keeps in memory what it would write",
      "core/src/sync/scratch-store.ts",
      'import { x } from "../memory/x.js";',
    ],
    ["core's entry exports the in-memory storage", "core/src/index.ts", 'export { x } from "./memory/x.js";'],
    ["an adapter's test runs the suites", "postgres/src/a.test.ts", 'import "@titan-sync/core/testing";'],
    [
      "the runner composes everything",
      "runner/src/a.ts",
      'import "@titan-sync/postgres"; import "@titan-sync/core";',
    ],
    ["text only looks like an import", "core/src/a.ts", "const text = `import \"pg\"`; // import 'pg'"],
  ])("is content when %s", (_case, path, text) => {
    expect(violations(`packages/${path}`, text)).toEqual([]);
  });
});
