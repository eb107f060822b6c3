import type { FeedCursor } from "../ports/feed-cursor.js";

type StoredTrail = NonNullable<FeedCursor["trail"]>;

/**
 * Detects when tokens form a cycle of any length, by Brent's algorithm: one earlier token is remembered,
 * and another one after 1, 2, 4, 8 steps and so on. It is kept with the cursor, so that a feed that is read in slices
 * does not go around forever either.
 */
export interface Trail {
  /** Whether this token was seen before. */
  closes(token: string | null): boolean;
  step(token: string | null): void;
  /** Where the poll started: it is certainly outside of the detected cycle. */
  readonly since: string | null;
  stored(): StoredTrail;
}

/** @param stored - Goes on only where it belongs to this position. */
export function createTrail(position: string | null, stored: StoredTrail | null = null): Trail {
  const isOurs = stored !== null && stored.token === position;
  const since = isOurs ? stored.since : position;
  let token = position;
  let anchor = isOurs ? stored.anchor : position;
  let power = isOurs ? stored.power : 1;
  let steps = isOurs ? stored.steps : 0;
  return {
    since,
    closes: (next) => next !== null && next === anchor,
    step(next) {
      token = next;
      steps += 1;
      if (steps < power) return;
      anchor = next;
      power *= 2;
      steps = 0;
    },
    stored: () => ({ token, since, anchor, power, steps }),
  };
}
