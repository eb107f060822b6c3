import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { compileCache } from "./compile-cache.js";
import { hostCoverage } from "./program-coverage.js";

/** A command for a process that performs many. */
export interface HostedCommand {
  readonly args: readonly string[];
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly input: string;
}

/** What a hosted command has given. */
export interface HostedResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const file = fileURLToPath(new URL("program-host.mjs", import.meta.url));

/** Ends with this process. */
let host: ChildProcess | null = null;
let isBusy = false;

/** Whether {@link performHosted} may be called: a host performs one command at a time, as a process does. */
export function isHostFree(): boolean {
  return !isBusy;
}

/** Performs a command of the built program in a process that is there already. Starting one takes longer than most. */
export async function performHosted(command: HostedCommand): Promise<HostedResult> {
  isBusy = true;
  const child = host ?? startHost();
  host = child;
  child.ref();
  child.channel?.ref();
  const answered = new AbortController();
  try {
    const gone = once(child, "exit", { signal: answered.signal }).then(([code]) => {
      host = null;
      throw new Error(`The host of the program ended with ${code}.`);
    });
    child.send(command);
    const [result] = await Promise.race([once(child, "message"), gone]);
    return result as HostedResult;
  } finally {
    answered.abort();
    isBusy = false;
    child.channel?.unref();
    child.unref();
  }
}

function startHost(): ChildProcess {
  return fork(file, [], {
    // Those of a test worker have packages give their sources.
    execArgv: [],
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: tmpdir(),
      NODE_COMPILE_CACHE: compileCache,
      ...hostCoverage(),
    },
  });
}
