import { stat, statfs } from "node:fs/promises";
import type { PlatformMeasures } from "@titan-sync/core";
import type { Settings } from "../configuration/load-settings.js";
import { dataPaths } from "../database/data-directory.js";

/** What this program can measure: the disk of the embedded database, and when the key file was last changed. */
export async function measurePlatform({
  databaseUrl,
  dataDirectory,
  encryptionKeys,
}: Pick<Settings, "databaseUrl" | "dataDirectory" | "encryptionKeys">): Promise<PlatformMeasures> {
  const [freeShare, keyAgeMs] = await Promise.all([
    databaseUrl === null ? orNull(async () => freeShareOf(await statfs(dataDirectory))) : null,
    encryptionKeys === null
      ? orNull(async () => Date.now() - (await stat(dataPaths(dataDirectory).keyFile)).mtimeMs)
      : null,
  ]);
  return { freeShare, keyAgeMs };
}

function freeShareOf({ bavail, blocks }: { readonly bavail: number; readonly blocks: number }): number {
  return blocks === 0 ? 1 : bavail / blocks;
}

/** What cannot be measured is not known. */
async function orNull(work: () => Promise<number>): Promise<number | null> {
  try {
    return await work();
  } catch {
    return null;
  }
}
