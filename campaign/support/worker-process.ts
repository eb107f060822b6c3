import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** A worker in its own process, and what it has told so far. */
export interface WorkerProcess<Message> {
  readonly messages: readonly Message[];
  /** Resolves when the process has ended and all its output has been read; `killed` if by a signal. */
  readonly gone: Promise<"exited" | "killed">;
  /** SIGKILL. */
  kill(): void;
  /** SIGSTOP: resolves when the process is suspended. */
  stop(): Promise<void>;
}

/** Lets Node run worker files. */
export const hooks = new URL("../workers/typescript.mjs", import.meta.url).href;

/**
 * Starts a worker file against the built packages, as users run them.
 * @param listen - told each message as it comes.
 * @param flags - of Node, such as a limit of its heap.
 * @param within - a program and its arguments that run the worker, whose own command follows.
 */
export function startWorker<Message>(
  name: string,
  plan: unknown,
  listen: (message: Message) => void = () => undefined,
  flags: readonly string[] = [],
  within: readonly string[] = [],
): WorkerProcess<Message> {
  const file = fileURLToPath(new URL(`../workers/${name}.worker.ts`, import.meta.url));
  const own = [process.execPath, ...flags, "--import", hooks, file, JSON.stringify(plan)];
  const [command = process.execPath, ...parameters] = [...within, ...own];
  const child = spawn(command, parameters, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], NODE_COMPILE_CACHE: path.join(tmpdir(), "titan-sync-compile-cache") },
  });
  const messages: Message[] = [];
  createInterface(child.stdout).on("line", (line) => {
    const message = parse<Message>(line);
    if (message === null) return;
    messages.push(message);
    listen(message);
  });
  return { messages, gone: waitFor(child), kill: () => void child.kill("SIGKILL"), stop: () => stop(child) };
}

async function stop({ pid }: ChildProcess): Promise<void> {
  process.kill(pid ?? 0, "SIGSTOP");
  for (;;) {
    const status = await readFile(`/proc/${pid}/stat`, "utf8");
    if (status.slice(status.lastIndexOf(")") + 2).startsWith("T")) return;
    await delay(1);
  }
}

/** @returns `null` for the half line that a killed process may leave. */
function parse<Message>(line: string): Message | null {
  try {
    return JSON.parse(line) as Message;
  } catch {
    return null;
  }
}

async function waitFor(child: ChildProcess): Promise<"exited" | "killed"> {
  const complaints: string[] = [];
  child.stderr?.setEncoding("utf8").on("data", (text: string) => complaints.push(text));
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  if (signal === "SIGKILL") return "killed";
  if (code !== 0) throw new Error(`A worker exited with ${code ?? signal}.\n${complaints.join("")}`);
  return "exited";
}
