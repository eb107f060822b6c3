import type { Writable } from "node:stream";
import type { KeyRotationProgress } from "@titan-sync/core";
import { countOf, formatCount } from "../../output/format.js";
import { isTerminal } from "../../program/context.js";

/** Shows how far a rotation is: on a line that changes on a terminal, on one every few seconds elsewhere. */
export interface RotationProgress {
  show(progress: KeyRotationProgress): void;
  /** Leaves the line as it is. */
  end(): void;
}

const terminalIntervalMs = 100;
const plainIntervalMs = 2_000;

export function createRotationProgress(stream: Writable, now: () => number = Date.now): RotationProgress {
  const onTerminal = isTerminal(stream);
  const intervalMs = onTerminal ? terminalIntervalMs : plainIntervalMs;
  let [shownAt, isShown] = [now(), false];
  return {
    show({ checked, reencrypted }) {
      if (now() - shownAt < intervalMs) return;
      [shownAt, isShown] = [now(), true];
      const text = `${countOf(checked, "credential")} checked, ${formatCount(reencrypted)} re-encrypted`;
      stream.write(onTerminal ? `\r${text}` : `${text}\n`);
    },
    end() {
      if (onTerminal && isShown) stream.write("\n");
    },
  };
}
