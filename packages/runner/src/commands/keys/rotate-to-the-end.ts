import { setTimeout as delay } from "node:timers/promises";
import type { KeyManager, KeyRotationProgress, KeyRotationResult } from "@titan-sync/core";

export interface RotateToTheEndOptions {
  readonly keys: Pick<KeyManager, "rotate">;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: KeyRotationProgress) => void;
  /** How long to retry what other processes interfere with. @defaultValue 30000 */
  readonly timeoutMs?: number | undefined;
  /** @defaultValue 1000 */
  readonly pauseMs?: number | undefined;
}

/**
 * Rotates until nothing is left that another call could do. Programs that run encrypt with the key before until they
 * have read the key file again: what they do meanwhile is done again.
 *
 * @returns the last call's result, with what all of them have encrypted again.
 * @throws {@link AbortedError} when stopped.
 */
export async function rotateToTheEnd(options: RotateToTheEndOptions): Promise<KeyRotationResult> {
  const { keys, signal, timeoutMs = 30_000, pauseMs = 1_000 } = options;
  const until = Date.now() + timeoutMs;
  let reencrypted = 0;
  for (;;) {
    const result = await keys.rotate({ actor: "cli", signal, onProgress: options.onProgress });
    reencrypted += result.reencrypted;
    if (!mayPass(result) || Date.now() >= until) return { ...result, reencrypted };
    await delay(pauseMs, undefined, { signal });
  }
}

/** Whether anything is left, and only because of concurrent changes. */
function mayPass({ failures, keysStillUsed }: KeyRotationResult): boolean {
  const isLeft = failures.length > 0 || keysStillUsed.length > 0;
  return isLeft && failures.every(({ code }) => code === "CONFLICT");
}
