import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { compileCache } from "./compile-cache.js";
import { isHostFree, performHosted } from "./hosted-program.js";
import { measureProgram, notMeasured } from "./program-coverage.js";

const bin = fileURLToPath(new URL("../../packages/runner/dist/bin.js", import.meta.url));

const started = new Set<string>();

function commandOf(args: readonly string[]): string {
  const [command, subcommand] = args.filter((arg) => /^[a-z]+$/.test(arg));
  return `${command} ${subcommand}`;
}

export interface ProgramOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** Written to standard input, which then ends. */
  readonly input?: string;
}

export interface ProgramResult {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningProgram {
  readonly child: ChildProcess;
  readonly result: Promise<ProgramResult>;
  /** Resolves when this has been printed, on either stream; rejects when the program ends without it. */
  printed(text: string): Promise<void>;
  /** So far. */
  output(): { readonly stdout: string; readonly stderr: string };
}

/** Starts the built program as its users do, in its own environment. Ends with the test. */
export function startProgram(
  args: readonly string[],
  { environment = {}, workingDirectory, input = "" }: ProgramOptions,
): RunningProgram {
  if (!existsSync(bin)) throw new Error(`${bin} is missing: build the packages first.`);
  const coverage = started.has(commandOf(args)) ? notMeasured : measureProgram();
  started.add(commandOf(args));
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: workingDirectory,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: workingDirectory,
      NODE_COMPILE_CACHE: compileCache,
      ...coverage.environment,
      ...environment,
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  // A program that does not read its input may be gone before it was written.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const closed = once(child, "close").then(() => coverage.keep());
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await closed;
  });
  return {
    child,
    output: () => ({ ...output }),
    result: closed.then(() => ({ exitCode: child.exitCode, ...output })),
    async printed(text) {
      const has = (): boolean => output.stdout.includes(text) || output.stderr.includes(text);
      while (!has()) {
        const more = [once(child.stdout, "data"), once(child.stderr, "data"), closed];
        await Promise.race(more);
        if (!has() && (child.exitCode ?? child.signalCode) !== null) {
          throw new Error(`Ended without printing "${text}": ${output.stderr}`);
        }
      }
    },
  };
}

/**
 * Runs the built program to its end: each command in its own process when a worker runs it for the first time, and later
 * in one that is there already. What the two share is all but `bin.ts`.
 */
export async function runProgram(args: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  if (!started.has(commandOf(args)) || !isHostFree()) return await startProgram(args, options).result;
  const { environment = {}, workingDirectory, input = "" } = options;
  return await performHosted({ args, workingDirectory, environment, input });
}
