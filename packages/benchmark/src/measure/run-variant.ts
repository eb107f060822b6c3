import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Benchmark, Figures, Setting, Variant } from "./benchmark.js";

/** The one argument of a worker. */
export interface Task {
  readonly benchmark: string;
  readonly variant: string;
  readonly setting: Setting;
}

const worker = fileURLToPath(new URL("worker.js", import.meta.url));

/**
 * Measures a variant once, in its own process: neither the heap nor compiled code is shared.
 *
 * @throws Error when the process ended without figures.
 */
export async function runVariant(benchmark: Benchmark, variant: Variant, setting: Setting): Promise<Figures> {
  const task: Task = { benchmark: benchmark.name, variant: variant.name, setting };
  const child = fork(worker, [JSON.stringify(task)], { execArgv: [...(variant.nodeArguments ?? [])] });
  let figures: Figures | null = null;
  child.on("message", (message) => {
    figures = message as Figures;
  });
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  if (figures === null || code !== 0) {
    throw new Error(
      `${benchmark.name}, ${variant.name}: the process ended with ${signal ?? `code ${code}`}.`,
    );
  }
  return figures;
}
