/** What a process that stops its runs is to do. */
export interface CancelsPlan {
  readonly sink: "function" | "jsonLinesSink" | "csvSink" | "PostgreSQL" | "fetch";
  /** Where file sinks write. */
  readonly directory: string;
  /** Of the storage, and of a sink in it; `null` keeps everything in memory. */
  readonly databaseUrl: string | null;
  readonly rounds: number;
  readonly seed: number;
}

/** What it tells, a line each. */
export type CancelsMessage =
  | { readonly kind: "stopped"; readonly status: string }
  /** The undisturbed run at the end, and how many customers are not what they are in ServiceTitan. */
  | { readonly kind: "ended"; readonly status: string; readonly wrong: number };
