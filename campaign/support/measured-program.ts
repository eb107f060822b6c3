import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../packages/runner/dist/bin.js", import.meta.url));

/** What a run of the built program gave, and what it took. */
export interface MeasuredProgram {
  readonly exitCode: number | null;
  readonly stdout: string;
  /** Its peak memory, in MB of 1024² bytes. */
  readonly peakMb: number;
  readonly seconds: number;
}

// The kernel's own peak: on Linux, getrusage includes the process that this one was forked from.
const tellPeak = `
  import { readFileSync, writeSync } from "node:fs";
  process.on("exit", () => {
    let peak = process.resourceUsage().maxRSS;
    try {
      peak = Number(/VmHWM:\\s*(\\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? peak);
    } catch {}
    writeSync(2, "peak " + peak + "\\n");
  });`;

/** Runs the built program with a heap that is no larger than given. */
export async function measureProgram(options: {
  readonly args: readonly string[];
  readonly heapMb: number;
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
}): Promise<MeasuredProgram> {
  const { args, heapMb, workingDirectory, environment } = options;
  const began = performance.now();
  const nodeArguments = [
    `--max-old-space-size=${heapMb}`,
    "--import",
    `data:text/javascript,${encodeURIComponent(tellPeak)}`,
  ];
  const child = spawn(process.execPath, [...nodeArguments, bin, ...args], {
    cwd: workingDirectory,
    env: { PATH: process.env["PATH"], HOME: workingDirectory, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  const peak = /^peak (\d+)$/m.exec(stderr)?.[1];
  if (peak === undefined) throw new Error(`The program ended with ${exitCode}.\n${stderr}`);
  return { exitCode, stdout, peakMb: Number(peak) / 1024, seconds: (performance.now() - began) / 1000 };
}
