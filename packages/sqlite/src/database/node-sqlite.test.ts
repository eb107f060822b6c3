import { afterEach, expect, it, vi } from "vitest";
import { loadNodeSqlite } from "./node-sqlite.js";

afterEach(() => vi.restoreAllMocks());

it("showed every user the warning that SQLite is experimental, and only that one is suppressed", () => {
  const told = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  const load = process.getBuiltinModule;
  vi.spyOn(process, "getBuiltinModule").mockImplementation(((id: string) => {
    process.emitWarning(
      "SQLite is an experimental feature and might change at any time",
      "ExperimentalWarning",
    );
    process.emitWarning("Something else is experimental", "ExperimentalWarning");
    return load(id);
  }) as typeof process.getBuiltinModule);
  const before = process.emitWarning;
  expect(loadNodeSqlite().DatabaseSync).toBeTypeOf("function");
  expect(told.mock.calls.map(([text]) => text)).toEqual(["Something else is experimental"]);
  expect(process.emitWarning).toBe(before);
});
