import { ConfigError } from "@titan-sync/core";
import type { Settings } from "../configuration/load-settings.js";
import { dataPaths } from "./data-directory.js";
import { loadKeys } from "./encryption-keys.js";
import { createKeyFile, readKeyFile } from "./key-file.js";
import type { OpenDatabase } from "./open-database.js";

/** What was missing and is there now. */
export interface SetUpReport {
  /** Versions that were applied to the database; empty when it was up to date. */
  readonly appliedVersions: readonly number[];
  readonly keys: "configured" | "created" | "found";
}

/**
 * Brings the database up to date and sees to it that there is an encryption key. May be repeated.
 *
 * @throws {@link ConfigError} when the database is newer than this program, a key is not usable, or the key
 * of saved credentials is missing.
 */
export async function setUp(settings: Settings, database: OpenDatabase): Promise<SetUpReport> {
  const appliedVersions = await database.migrate({ direction: "up" });
  return { appliedVersions, keys: await provideKey(settings, database) };
}

async function provideKey(settings: Settings, database: OpenDatabase): Promise<SetUpReport["keys"]> {
  const { keyFile } = dataPaths(settings.dataDirectory);
  if (settings.encryptionKeys !== null || (await readKeyFile(keyFile)) !== null) {
    await loadKeys(settings);
    return settings.encryptionKeys === null ? "found" : "configured";
  }
  // A new key for credentials that were saved with another one would only hide that the other is missing.
  const { items } = await database.storage().listCredentials({}, { limit: 1 });
  if (items.length > 0) {
    throw new ConfigError(
      "The database contains credentials, but the key that they were saved with is missing.",
      {
        hint: `Restore ${keyFile}, or set TITAN_SYNC_ENCRYPTION_KEYS to that key.`,
      },
    );
  }
  await createKeyFile(keyFile);
  return "created";
}
