import { parseArgs } from "node:util";
import { benchmarks } from "./benchmarks/benchmarks.js";
import type { Benchmark } from "./measure/benchmark.js";

export interface Command {
  readonly benchmarks: readonly Benchmark[];
  /** `null` takes each benchmark's own number. */
  readonly rounds: number | null;
  readonly scale: number;
  /** `null` takes each benchmark's own. */
  readonly minutes: number | null;
  /** The document to update; `null` prints only. */
  readonly out: string | null;
}

export const usage = `npm run bench -- [name …] [--rounds N] [--scale X] [--minutes N] [--out FILE]

  name       ${benchmarks.map((benchmark) => benchmark.name).join(", ")}; all by default
  --rounds   how often each variant is measured
  --scale    multiplies the row counts, for a quick look
  --minutes  how long loads are held, where the benchmark holds one
  --out      a Markdown document whose sections are updated
`;

/** @throws RangeError or TypeError that says what is wrong. */
export function parseCommand(parameters: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...parameters],
    allowPositionals: true,
    options: {
      rounds: { type: "string" },
      scale: { type: "string" },
      minutes: { type: "string" },
      out: { type: "string" },
    },
  });
  const chosen = positionals.map((name) => {
    const found = benchmarks.find((benchmark) => benchmark.name === name);
    if (found === undefined) throw new RangeError(`There is no benchmark named "${name}".`);
    return found;
  });
  const rounds = values.rounds === undefined ? null : Number(values.rounds);
  if (rounds !== null && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new RangeError(`--rounds takes a whole number from 1, not "${values.rounds}".`);
  }
  const scale = Number(values.scale ?? 1);
  if (!(scale > 0)) throw new RangeError(`--scale takes a number above 0, not "${values.scale}".`);
  const minutes = values.minutes === undefined ? null : Number(values.minutes);
  if (minutes !== null && !(minutes > 0)) {
    throw new RangeError(`--minutes takes a number above 0, not "${values.minutes}".`);
  }
  return {
    benchmarks: chosen.length === 0 ? benchmarks : chosen,
    rounds,
    scale,
    minutes,
    out: values.out ?? null,
  };
}
