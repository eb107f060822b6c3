import type { KeyProvider } from "../ports/encryptor.js";
import { countKeysInUse, type UnderKey } from "./keys-in-use.js";
import { type KeyRotationOptions, type KeyRotationResult, rotateKeys } from "./rotate-keys.js";

/** A key that encrypts, or that something is encrypted with. */
export interface KeyUsage extends UnderKey {
  readonly id: string;
  /** Whether new secrets are encrypted with it. */
  readonly isCurrent: boolean;
  /** Whether the ring contains it. Otherwise nothing encrypted with it can be read. */
  readonly isKnown: boolean;
}

/** The actor of a rotation, the listener for its progress, and the signal that stops it. */
export type RotateOptions = Pick<KeyRotationOptions, "actor" | "onProgress" | "signal">;

/** The keys that secrets are encrypted with. Key material goes in with the ring and never comes out. */
export interface KeyManager {
  /**
   * Encrypts every credential and every suppression list's secret again that is not under the ring's current key, while
   * syncs continue. May be stopped or killed at any moment and called again.
   * @throws {@link AbortedError} when stopped; {@link StorageError} when the storage fails.
   */
  rotate(options?: RotateOptions): Promise<KeyRotationResult>;
  /**
   * The current key first, then every other one that something is still encrypted with.
   * @throws {@link AbortedError} when stopped; {@link StorageError} when the storage fails.
   */
  usage(options?: Pick<RotateOptions, "signal">): Promise<readonly KeyUsage[]>;
}

export interface KeyManagerOptions extends Pick<KeyRotationOptions, "store" | "encryptor" | "logger"> {
  readonly keys: KeyProvider;
}

export function createKeyManager(options: KeyManagerOptions): KeyManager {
  const { store, encryptor, keys } = options;
  return {
    rotate: (rotateOptions = {}) => rotateKeys({ ...options, ...rotateOptions }),

    async usage({ signal = new AbortController().signal } = {}) {
      const { id: currentId } = await keys.current();
      const counts = await countKeysInUse(store, encryptor, signal);
      const ids = [currentId, ...[...counts.keys()].filter((id) => id !== currentId)];
      return await Promise.all(
        ids.map(async (id) => ({
          id,
          isCurrent: id === currentId,
          isKnown: (await keys.find(id)) !== null,
          ...(counts.get(id) ?? { credentials: 0, suppressionLists: 0 }),
        })),
      );
    },
  };
}
