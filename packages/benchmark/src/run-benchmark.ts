import type { Benchmark, Figures, Setting } from "./measure/benchmark.js";
import { mediansOf } from "./measure/medians.js";
import { runVariant } from "./measure/run-variant.js";
import { describeMachine } from "./report/machine.js";
import { printFindings, printTable } from "./report/report.js";
import { withPostgresServer } from "./stage/postgres-server.js";

export interface BenchmarkOptions {
  /** How often each variant is measured. */
  readonly rounds: number;
  readonly scale: number;
  /** `null` takes the benchmark's own. */
  readonly minutes: number | null;
  /** As it can be given again. */
  readonly command: string;
  /** Told what is being done. */
  readonly note: (text: string) => void;
}

/** @returns the benchmark's section, as Markdown. */
export async function runBenchmark(benchmark: Benchmark, options: BenchmarkOptions): Promise<string> {
  if (!benchmark.needsPostgres) return await measureOn("", benchmark, options);
  return await withPostgresServer((serverUrl) => measureOn(serverUrl, benchmark, options));
}

async function measureOn(
  serverUrl: string,
  benchmark: Benchmark,
  { rounds, scale, minutes, command, note }: BenchmarkOptions,
): Promise<string> {
  const bare: Setting = { scale, minutes, serverUrl, prepared: {} };
  if (benchmark.prepare !== undefined) note(`${benchmark.name}: preparing`);
  const setting = { ...bare, prepared: (await benchmark.prepare?.(bare)) ?? {} };

  const measured = new Map<string, Figures[]>();
  for (let round = 1; round <= rounds; round += 1) {
    // Alternating, so that a machine that gets slower or faster affects all of them.
    for (const variant of benchmark.variants) {
      const figures = await runVariant(benchmark, variant, setting);
      note(`${benchmark.name}: ${variant.name}, round ${round} of ${rounds}: ${describe(figures)}`);
      measured.set(variant.name, [...(measured.get(variant.name) ?? []), figures]);
    }
  }

  const { table, findings } = benchmark.report(mediansOf(measured));
  const circumstances = [
    `\`${command}\``,
    `${new Date().toISOString().slice(0, 10)}`,
    await describeMachine(serverUrl),
    `medians of ${rounds}`,
  ];
  return [
    `## ${benchmark.title}`,
    benchmark.about,
    printFindings(findings),
    printTable(table),
    `${circumstances.join(" · ")}${scale === 1 ? "" : ` · at ${scale} of the size that the targets are meant for`}`,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function describe(figures: Figures): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${Math.round(value * 100) / 100}`)
    .join(", ");
}
