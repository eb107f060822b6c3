import type { BenchTable, Finding } from "../report/report.js";

/** What one measurement found, by name with its unit: `ms`, `peakMb`, `requests`. */
export type Figures = Readonly<Record<string, number>>;

/** What a measurement may use. It goes to other processes as JSON. */
export interface Setting {
  /** Multiplies the row counts of a benchmark; its targets are meant at 1. */
  readonly scale: number;
  /** How long a load is held; `null` for as long as the benchmark's targets are meant. */
  readonly minutes: number | null;
  /** A PostgreSQL server, without a database's name; empty where the benchmark needs none. */
  readonly serverUrl: string;
  /** What the benchmark itself prepared, by name. */
  readonly prepared: Readonly<Record<string, string>>;
}

/** One of the things that a benchmark compares. Each measurement runs in its own process. */
export interface Variant {
  readonly name: string;
  /** For the process that it runs in, for instance a limit of the heap. */
  readonly nodeArguments?: readonly string[];
  /** Prepares what it needs, and measures only what is to be compared. */
  measure(setting: Setting): Promise<Figures>;
}

/** Variants that are measured in turn, and what to make of the figures. */
export interface Benchmark {
  readonly name: string;
  /** The heading of its section. */
  readonly title: string;
  /** What is measured and how, for readers of the figures. */
  readonly about: string;
  /** How often each variant is measured unless the command says otherwise. */
  readonly rounds: number;
  readonly needsPostgres: boolean;
  readonly variants: readonly Variant[];
  /** Work that all measurements share. @returns what they need from it. */
  prepare?(setting: Setting): Promise<Setting["prepared"]>;
  /** @param medians - of each variant, by its name. */
  report(medians: Medians): { readonly table: BenchTable; readonly findings: readonly Finding[] };
}

/** The middle figures of variants. */
export interface Medians {
  /** @throws RangeError for a variant or a figure that was not measured. */
  of(variant: string, figure: string): number;
}
