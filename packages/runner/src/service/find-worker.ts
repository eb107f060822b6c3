import { isoTime } from "@titan-sync/core";
import type { OpenTitan } from "../database/with-titan.js";

/** A worker looks for due syncs every second, and at least every 30 while the database fails. */
const aliveMs = 35_000;

/**
 * Whether a worker is running on the database; if not, a person is warned.
 * @param consequence - what that means for what they just did: a whole sentence.
 */
export async function findWorker(
  { database, note }: Pick<OpenTitan, "database" | "note">,
  consequence: string,
): Promise<boolean> {
  const lastSignAt = await database.storage().findLastTick();
  if (lastSignAt !== null && Date.now() - lastSignAt < aliveMs) return true;
  const since =
    lastSignAt === null
      ? "No worker has been running on this database yet"
      : `No worker has given a sign since ${isoTime(lastSignAt)}`;
  note(`warning: ${since}. ${consequence} Start one with "titan-sync serve" or "titan-sync worker".`);
  return false;
}
