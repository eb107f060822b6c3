import { ConfigError, type KeyProvider, type Logger, reloadingKeys, staticKeys } from "@titan-sync/core";
import type { Settings } from "../configuration/load-settings.js";
import { dataPaths } from "./data-directory.js";
import { readKeyFile } from "./key-file.js";

/** After how long a program that runs reads the key file again, in milliseconds. */
export const keyFileMaxAgeMs = 10_000;

type KeySettings = Pick<Settings, "encryptionKeys" | "dataDirectory">;

export interface LoadKeysOptions {
  /** Called when the key file has become unusable; the keys that were read last stay in use. */
  readonly logger?: Logger | undefined;
  /** @defaultValue {@link keyFileMaxAgeMs} */
  readonly maxAgeMs?: number | undefined;
}

/**
 * The configured keys, else those of the key file, which is followed when it changes.
 * @throws {@link ConfigError} when there are none, they are not usable, or the file is open to others.
 */
export async function loadKeys(
  settings: KeySettings,
  { logger, maxAgeMs = keyFileMaxAgeMs }: LoadKeysOptions = {},
): Promise<KeyProvider> {
  if (settings.encryptionKeys !== null) return staticKeys(settings.encryptionKeys.reveal());
  const keys = reloadingKeys({ load: () => readKeyText(settings), maxAgeMs, logger });
  // An unusable file should be reported now rather than at the first secret.
  await keys.current();
  return keys;
}

/** The ids of all keys, the one that encrypts first. Errors are those of {@link loadKeys}. */
export async function listKeyIds(settings: KeySettings): Promise<readonly string[]> {
  const text = await readKeyText(settings);
  staticKeys(text);
  const entries = text.split(",").map((entry) => entry.trim());
  return entries.filter((entry) => entry !== "").map((entry) => entry.slice(0, entry.indexOf(":")).trim());
}

async function readKeyText({ encryptionKeys, dataDirectory }: KeySettings): Promise<string> {
  if (encryptionKeys !== null) return encryptionKeys.reveal();
  const { keyFile } = dataPaths(dataDirectory);
  const text = await readKeyFile(keyFile);
  if (text !== null) return text;
  throw new ConfigError(`There is no encryption key: neither TITAN_SYNC_ENCRYPTION_KEYS nor ${keyFile}.`, {
    hint: 'Run "titan-sync init" to create a key file, or configure the keys that the credentials were saved with.',
  });
}
