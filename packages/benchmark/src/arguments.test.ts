import { expect, it } from "vitest";
import { parseCommand } from "./arguments.js";
import { benchmarks } from "./benchmarks/benchmarks.js";

it("runs every benchmark with its defaults unless told otherwise", () => {
  expect(parseCommand([])).toEqual({ benchmarks, rounds: null, scale: 1, minutes: null, out: null });
});

it("accepts names, rounds, a scale and a document", () => {
  const command = parseCommand("records --rounds 5 --scale 0.1 --minutes 2 --out a.md".split(" "));
  expect(command).toMatchObject({ rounds: 5, scale: 0.1, minutes: 2, out: "a.md" });
  expect(command.benchmarks.map(({ name }) => name)).toEqual(["records"]);
});

it.each([
  [["nothing"], 'There is no benchmark named "nothing".'],
  [["--rounds", "0"], '--rounds takes a whole number from 1, not "0".'],
  [["--scale", "none"], '--scale takes a number above 0, not "none".'],
  [["--minutes", "0"], '--minutes takes a number above 0, not "0".'],
  [["--fast"], "Unknown option '--fast'"],
])("refuses %j", (parameters, message) => {
  expect(() => parseCommand(parameters)).toThrow(message);
});

it("has no two variants with the same name in a benchmark", () => {
  for (const { name, variants } of benchmarks) {
    expect(new Set(variants.map((variant) => variant.name)).size, name).toBe(variants.length);
  }
});
