import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { bin, type ProgramPlace } from "./program.js";

/** A command of the built program that keeps running. */
export interface ServiceProcess {
  readonly pid: number;
  /** The most memory that it had so far, in MB of 1024² bytes. Linux only. */
  peakMb(): Promise<number>;
}

/**
 * Runs a service with `--json` while `work` uses it, then stops it as a supervisor would.
 *
 * @param listen - told each line that it prints.
 * @throws Error when it does not start, or does not end with 0.
 */
export async function withService<Result>(
  args: readonly string[],
  { directory, environment = {} }: ProgramPlace,
  listen: (document: Readonly<Record<string, unknown>>) => void,
  work: (service: ServiceProcess) => Promise<Result>,
): Promise<Result> {
  const child = spawn(process.execPath, [bin, "--data-dir", directory, ...args, "--json"], {
    cwd: directory,
    env: { PATH: process.env["PATH"], HOME: directory, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  const ended = closed.then(([code, signal]) => {
    throw new Error(`titan-sync ${args.join(" ")} ended with ${signal ?? code}.`);
  });
  ended.catch(() => undefined);
  const ready = Promise.withResolvers<void>();
  createInterface(child.stdout).on("line", (line) => {
    ready.resolve();
    listen(JSON.parse(line) as Readonly<Record<string, unknown>>);
  });
  const { pid } = child;
  if (pid === undefined) return await ended;
  try {
    await Promise.race([ready.promise, ended]);
    const result = await Promise.race([work({ pid, peakMb: () => peakMbOf(pid) }), ended]);
    child.kill("SIGTERM");
    const [code] = await closed;
    if (code !== 0) throw new Error(`titan-sync ${args.join(" ")} ended with ${code} when it was stopped.`);
    return result;
  } finally {
    child.kill("SIGKILL");
  }
}

async function peakMbOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1]) / 1024;
}
