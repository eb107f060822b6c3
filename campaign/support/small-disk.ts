import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A small file system that one process sees, and that is gone when the process ends. */
export interface SmallDisk {
  readonly directory: string;
  /** What runs a process that sees it. */
  readonly within: readonly string[];
  close(): Promise<void>;
}

/** @returns why there is none where this user may not mount one. */
export async function createSmallDisk(megabytes: number): Promise<SmallDisk | { readonly whyNot: string }> {
  const directory = await mkdtemp(path.join(tmpdir(), "titan-sync-small-disk-"));
  const close = () => rm(directory, { recursive: true, force: true });
  const mount = `mount -t tmpfs -o size=${megabytes}m,mode=700 tmpfs "$0" && exec "$@"`;
  const within = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, directory];
  try {
    await run("unshare", [...within.slice(1), "true"]);
    return { directory, within, close };
  } catch (error) {
    await close();
    const { code, stderr = "" } = error as { readonly code?: unknown; readonly stderr?: string };
    return { whyNot: `unshare ended with ${code}. ${stderr.trim()}`.trim() };
  }
}
