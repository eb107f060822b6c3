import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { startWorker } from "./worker-process.js";

/** What the system calls of a worker show of a log. */
export interface SyncedLog {
  /** Messages that the worker has told. */
  readonly acknowledged: number;
  /** Those that it told while something that it had written to the log was not on the disk. */
  readonly tooEarly: number;
  /** How often the log was brought to the disk. */
  readonly syncs: number;
}

const calls = "trace=write,pwrite64,pwritev,fsync,fdatasync";

/** @returns why no process can be traced here; `null` where one can. */
export async function whyNoTrace(): Promise<string | null> {
  try {
    await promisify(execFile)("strace", ["-f", "-o", "/dev/null", "true"]);
    return null;
  } catch (error) {
    const { code, stderr = "" } = error as { readonly code?: unknown; readonly stderr?: string };
    return code === "ENOENT" ? "there is no strace here." : `strace ended with ${code}. ${stderr.trim()}`;
  }
}

/** Runs a worker to its end, which writes a line to its output, unbuffered, for each commit that was acknowledged. */
export async function traceLog<Message>(name: string, plan: unknown, log: string): Promise<SyncedLog> {
  const root = await mkdtemp(path.join(tmpdir(), "titan-sync-strace-"));
  const file = path.join(root, "trace");
  try {
    // With the path of each file descriptor.
    const strace = ["strace", "-f", "-y", "-s", "40", "-e", calls, "-o", file];
    await startWorker<Message>(name, plan, undefined, [], strace).gone;
    return readTrace(await readFile(file, "utf8"), log);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

function readTrace(trace: string, log: string): SyncedLog {
  let acknowledged = 0;
  let tooEarly = 0;
  let synced = 0;
  let isUnsynced = false;
  for (const line of trace.split("\n")) {
    const call = line.replace(/^\d+\s+/, "");
    if (call.startsWith("pwrite") && call.includes(`<${log}>`)) isUnsynced = true;
    else if (/^f(?:data)?sync\(/.test(call) && call.includes(`<${log}>`)) {
      isUnsynced = false;
      synced += 1;
    } else if (call.startsWith("write(1<") && call.includes("acknowledged")) {
      acknowledged += 1;
      if (isUnsynced) tooEarly += 1;
    }
  }
  return { acknowledged, tooEarly, syncs: synced };
}
