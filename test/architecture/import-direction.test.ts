import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import { coreRooms, roomOf, typeCircles } from "./core-rooms.js";
import { importsOf } from "./imports-of.js";
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

describe("the rooms of core", () => {
  const folders = coreRooms.filter((room) => !room.endsWith(".ts"));
  const table = readFileSync(new URL("../../ARCHITECTURE.md", import.meta.url), "utf8");

  it("are the existing folders", () => {
    const holding = readSourceFiles()
      .filter(({ path }) => path.startsWith("packages/core/src/") && !path.includes("__fixtures__"))
      .map(({ path }) => roomOf(path.replace("packages/core/src/", "")))
      .filter((room) => !room.endsWith(".ts"));
    expect([...new Set(holding)].sort()).toEqual([...folders].sort());
  });

  it("are listed in ARCHITECTURE.md in their order", () => {
    const listed = [...table.matchAll(/^\| `([a-z/-]+)\/` \|/gm)].map(([, room]) => room);
    expect(listed).toEqual(folders);
  });

  it("list no type cycle that no import needs", () => {
    const needed = readSourceFiles().flatMap((file) => {
      const inside = file.path.replace("packages/core/src/", "");
      if (inside === file.path || /\.test\.ts$|__fixtures__/.test(inside)) return [];
      return importsOf(file)
        .filter(({ specifier }) => specifier.startsWith("."))
        .map(({ specifier }) => `${roomOf(inside)} ${roomOf(posix.join(posix.dirname(inside), specifier))}`);
    });
    for (const { from, to, because } of typeCircles) {
      expect(needed, because).toContain(`${from} ${to}`);
    }
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
    ["a room runs code of a later one", "core/src/http/a.ts", 'import { x } from "../credentials/x.js";'],
    [
      "a room names a type of a later one",
      "core/src/http/a.ts",
      'import type { X } from "../credentials/x.js";',
    ],
    ["delivering reaches into deriving", "core/src/sync/deliver/a.ts", 'import { x } from "../derive/x.js";'],
    [
      "a definition runs code of a port",
      "core/src/records/definitions/a.ts",
      'import { x } from "../../ports/work-queue.js";',
    ],
    ["a folder has no place", "core/src/unheard-of/a.ts", 'import { x } from "../errors.js";'],
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
      "core/src/dry-run/a.ts",
      'import { x } from "../memory/x.js";',
    ],
    [
      "a later room runs code of an earlier one",
      "core/src/credentials/a.ts",
      'import { x } from "../http/x.js";',
    ],
    [
      "a definition names the port's words as types",
      "core/src/records/definitions/a.ts",
      'import type { Touch } from "../../ports/work-queue.js";',
    ],
    ["core's entry exports the in-memory storage", "core/src/index.ts", 'export { x } from "./memory/x.js";'],
    ["an adapter's test runs the suites", "postgres/src/a.test.ts", 'import "@titan-sync/core/testing";'],
    [
      "the runner composes everything",
      "runner/src/a.ts",
      'import "@titan-sync/postgres"; import "@titan-sync/core";',
    ],
    ["text only looks like an import", "core/src/a.ts", "const text = `import \"pg\"`; // import 'pg'"],
  ])("accepts that %s", (_case, path, text) => {
    expect(violations(`packages/${path}`, text)).toEqual([]);
  });
});
