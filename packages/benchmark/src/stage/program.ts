import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** The built program. */
export const bin = fileURLToPath(new URL("../../runner/dist/bin.js", import.meta.url));

/** What a command of the built program took, from its start to its end. */
export interface ProgramRun {
  readonly stdout: string;
  readonly ms: number;
  readonly cpuMs: number;
  /** The most memory that it ever had, in MB of 1024² bytes. */
  readonly peakMb: number;
}

// The kernel's own mark: what getrusage reports on Linux includes the process that this one was forked from.
const tellEffort = `
  import { readFileSync, writeSync } from "node:fs";
  process.on("exit", () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    let peak = maxRSS;
    try {
      peak = Number(/VmHWM:\\s*(\\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? peak);
    } catch {}
    writeSync(2, "effort " + peak + " " + Math.round((userCPUTime + systemCPUTime) / 1000) + "\\n");
  });`;

/**
 * Runs a command of the built `titan-sync`, as a user would.
 *
 * @throws Error when it does not end with 0.
 */
export async function runProgram(
  args: readonly string[],
  { directory, environment = {} }: ProgramPlace,
): Promise<ProgramRun> {
  const begunAt = performance.now();
  const preload = `data:text/javascript,${encodeURIComponent(tellEffort)}`;
  const child = spawn(process.execPath, ["--import", preload, bin, "--data-dir", directory, ...args], {
    cwd: directory,
    env: { PATH: process.env["PATH"], HOME: directory, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  const ms = performance.now() - begunAt;
  const [, peakKb, cpuMs] = /^effort (\d+) (\d+)$/m.exec(stderr) ?? [];
  if (exitCode !== 0 || peakKb === undefined) {
    throw new Error(`titan-sync ${args.join(" ")} ended with ${exitCode}.\n${stdout}${stderr}`);
  }
  return { stdout, ms, cpuMs: Number(cpuMs), peakMb: Number(peakKb) / 1024 };
}

/** Where a command works. */
export interface ProgramPlace {
  /** Its data directory, of mode 700. */
  readonly directory: string;
  readonly environment?: Readonly<Record<string, string>>;
}
