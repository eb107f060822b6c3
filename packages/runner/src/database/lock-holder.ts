import { readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { z } from "zod";
import { processExists, processStart } from "./process-start.js";

const holderSchema = z.object({
  pid: z.int().positive(),
  host: z.string(),
  /** See {@link processStart}. */
  processStart: z.string().nullable(),
  /** ISO 8601, UTC. */
  since: z.string(),
});

/** Who holds the data directory. */
export type LockHolder = z.infer<typeof holderSchema>;

/** Writes down that this process is the holder. */
export async function writeHolder(file: string): Promise<void> {
  const holder: LockHolder = {
    pid: process.pid,
    host: hostname(),
    processStart: await processStart(process.pid),
    since: new Date().toISOString(),
  };
  await writeFile(file, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
}

/** `null` when the file is missing or unreadable, as after a crash between taking the lock and writing it. */
export async function readHolder(file: string): Promise<LockHolder | null> {
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) return null;
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** What can be said of a holder from here: one on another machine cannot be seen. */
export async function stateOfHolder(holder: LockHolder | null): Promise<"alive" | "dead" | "unknown"> {
  if (holder === null || holder.host !== hostname()) return "unknown";
  if (!processExists(holder.pid)) return "dead";
  const began = await processStart(holder.pid);
  const sameProcess = began === null || holder.processStart === null || began === holder.processStart;
  return sameProcess ? "alive" : "dead";
}
