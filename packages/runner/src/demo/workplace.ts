import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { UsageError } from "../program/usage-error.js";

/** Where a demonstration keeps its database. */
export interface Workplace {
  readonly directory: string;
  /** Deletes it, unless it was requested by name. */
  leave(): Promise<void>;
}

/**
 * A fresh temporary directory, or the named one, which must not exist yet.
 * @throws {@link UsageError} when it does.
 */
export async function openWorkplace(keep: string | undefined, workingDirectory: string): Promise<Workplace> {
  if (keep === undefined) {
    const directory = await mkdtemp(join(tmpdir(), "titan-sync-demo-"));
    return { directory, leave: () => rm(directory, { recursive: true, force: true }) };
  }
  const directory = resolve(workingDirectory, keep);
  await mkdir(directory, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "EEXIST"
      ? new UsageError(`${directory} exists already.`, "Choose a directory that does not exist yet.")
      : error;
  });
  return { directory, leave: async () => undefined };
}
