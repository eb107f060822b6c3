import { findBenchmark } from "./benchmarks/benchmarks.js";
import type { Task } from "./measure/run-variant.js";

const { benchmark, variant, setting } = JSON.parse(process.argv[2] ?? "") as Task;
const chosen = findBenchmark(benchmark)?.variants.find((candidate) => candidate.name === variant);
if (chosen === undefined) throw new RangeError(`There is no ${variant} of ${benchmark}.`);

const figures = await chosen.measure(setting);
// The parent waits for the process to end: nothing left open may keep it alive.
process.send?.(figures, () => process.exit(0));
