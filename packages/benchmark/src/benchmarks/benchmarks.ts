import type { Benchmark } from "../measure/benchmark.js";
import { embedded } from "./embedded.js";
import { extraction } from "./extraction.js";
import { fullSync } from "./full-sync.js";
import { incremental } from "./incremental.js";
import { memory } from "./memory.js";
import { records } from "./records.js";
import { router } from "./router.js";
import { schedules } from "./schedules.js";
import { sink } from "./sink.js";

/** In the order in which they run. */
export const benchmarks: readonly Benchmark[] = [
  fullSync,
  embedded,
  incremental,
  memory,
  extraction,
  records,
  router,
  schedules,
  sink,
];

/** `null` for an unknown name. */
export function findBenchmark(name: string): Benchmark | null {
  return benchmarks.find((benchmark) => benchmark.name === name) ?? null;
}
