import { systemClock } from "../async/system-clock.js";
import { ConfigError, errorCodeOf } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { KeyProvider } from "../ports/encryptor.js";
import { type Logger, silentLogger } from "../ports/logger.js";
import { staticKeys } from "./static-keys.js";

export interface ReloadingKeysOptions {
  /** Returns the text that {@link staticKeys} accepts, for instance from a file. */
  readonly load: () => Promise<string>;
  /** After how many milliseconds the text is read again. @defaultValue 10000 */
  readonly maxAgeMs?: number | undefined;
  /** @defaultValue the machine's */
  readonly clock?: Clock | undefined;
  /** Told when the source has become unusable. @defaultValue {@link silentLogger} */
  readonly logger?: Logger | undefined;
}

/**
 * A ring that follows its source: a process that runs while another one rotates keys encrypts with the new
 * key within seconds, and reads what is encrypted with it at once. A source that becomes unusable later
 * leaves the last good ring in place.
 *
 * @throws {@link ConfigError} from the first use, when the source is unusable from the beginning.
 * @example
 * const keys = reloadingKeys({ load: () => readFile("keys", "utf8") });
 */
export function reloadingKeys({
  load,
  maxAgeMs = 10_000,
  clock = systemClock,
  logger = silentLogger,
}: ReloadingKeysOptions): KeyProvider {
  let ring: { readonly keys: KeyProvider; readonly loadedAt: number } | null = null;
  let loading: Promise<KeyProvider> | null = null;

  async function reload(): Promise<KeyProvider> {
    try {
      ring = { keys: staticKeys(await load()), loadedAt: clock.now() };
    } catch (error) {
      if (ring === null) {
        throw error instanceof ConfigError
          ? error
          : new ConfigError("The encryption keys could not be read.", { cause: error });
      }
      const code = errorCodeOf(error);
      logger.error({ code }, "the encryption keys could not be reloaded; the previous ones stay in use");
      ring = { keys: ring.keys, loadedAt: clock.now() };
    }
    return ring.keys;
  }

  function newest(): Promise<KeyProvider> {
    loading ??= reload().finally(() => {
      loading = null;
    });
    return loading;
  }

  async function recent(): Promise<KeyProvider> {
    const isRecent = ring !== null && clock.now() - ring.loadedAt < maxAgeMs;
    return isRecent && ring !== null ? ring.keys : await newest();
  }

  return {
    current: async () => await (await recent()).current(),
    find: async (id) => (await (await recent()).find(id)) ?? (await (await newest()).find(id)),
  };
}
