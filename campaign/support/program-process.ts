import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../packages/runner/dist/bin.js", import.meta.url));

/** A command of the built program that keeps running. */
export interface ProgramProcess {
  /** Stops it as a supervisor would. */
  stop(): Promise<void>;
}

/** @param listen - told each JSON line that it prints. */
export async function startProgram(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  listen: (document: Readonly<Record<string, unknown>>) => void,
): Promise<ProgramProcess> {
  const child = spawn(process.execPath, [bin, ...args, "--json"], {
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  const lines = createInterface(child.stdout);
  const first = once(lines, "line");
  lines.on("line", (line) => listen(JSON.parse(line) as Readonly<Record<string, unknown>>));
  await Promise.race([
    first,
    closed.then(([code]) => {
      throw new Error(`titan-sync ${args.join(" ")} ended with ${code}.`);
    }),
  ]);
  return {
    async stop() {
      child.kill("SIGTERM");
      await closed;
    },
  };
}
