import type { Readable, Writable } from "node:stream";

/** Everything a command may touch of the world around it; only `bin.ts` knows the process. */
export interface CommandContext {
  /** Environment variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Relative paths start here. */
  readonly workingDirectory: string;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Aborted when a person or the system asks the program to stop. */
  readonly signal: AbortSignal;
  /**
   * Calls a listener when the system asks the program to read its configuration again, until the returned function is
   * called.
   * @defaultValue nobody asks
   */
  readonly onReload?: ((listener: () => void) => () => void) | undefined;
}

/** Flags that every command takes. */
export interface GlobalFlags {
  /** Path of the configuration file. */
  readonly config?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly logLevel?: string | undefined;
}

/** Whether a person sits at the other end of a stream. */
export function isTerminal(stream: Readable | Writable): boolean {
  return (stream as { isTTY?: unknown }).isTTY === true;
}
