import { ConfigError, type KeyProvider, staticKeys } from "@titan-sync/core";
import type { Settings } from "../configuration/load-settings.js";
import { dataPaths } from "./data-directory.js";
import { readKeyFile } from "./key-file.js";

/**
 * The configured keys, else those of the key file.
 * @throws {@link ConfigError} when there are none, they are not usable, or the file is open to others.
 */
export async function loadKeys(settings: Settings): Promise<KeyProvider> {
  if (settings.encryptionKeys !== null) return staticKeys(settings.encryptionKeys.reveal());
  const { keyFile } = dataPaths(settings.dataDirectory);
  const text = await readKeyFile(keyFile);
  if (text !== null) return staticKeys(text);
  throw new ConfigError(`There is no encryption key: neither TITAN_SYNC_ENCRYPTION_KEYS nor ${keyFile}.`, {
    hint: 'Run "titan-sync init" for a new key file, or give the keys that the credentials were saved with.',
  });
}
