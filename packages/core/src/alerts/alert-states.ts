import type { AlertIdentity, AlertSilence, StoredAlert } from "../ports/alert-store.js";
import type { AlertCondition } from "./observation.js";

const minuteMs = 60_000;
/** What was explained by something else gets this long to mend itself once that is over. */
const explainedGraceMs = 30 * minuteMs;
/** How long a condition must not hold before its alert has recovered; four times as long for each flap. */
const calmMs = 2 * minuteMs;
const maxFlaps = 4;
/** An alert that comes back within this time flaps. */
const flapMs = 60 * minuteMs;

/** The longest time from the end of a condition to the recovery of its alert. */
export const longestCalmMs = calmMs * 4 ** maxFlaps;

export const keyOf = ({ kind, subject }: AlertIdentity): string => JSON.stringify([kind, subject]);

/**
 * The alert of a condition that holds.
 * @param before - What it was; `null` if it was ok.
 * @param isOpen - Whether the incident that it was announced with has not been closed.
 */
export function held(
  before: StoredAlert | null,
  { kind, subject, companyId, severity, cause, since, figures, isExplained }: AlertCondition,
  { at, isOpen }: { readonly at: number; readonly isOpen: boolean },
): StoredAlert {
  const shown = { kind, subject, companyId, severity, figures };
  const dueAt = isExplained ? at + explainedGraceMs : at;
  if (before === null || (before.state === "recovered" && !isOpen)) {
    const isBack = before !== null && before.recoveredAt !== null && at - before.recoveredAt <= flapMs;
    return {
      ...shown,
      ...{ state: "pending", cause, since, dueAt, clearSince: null, recoveredAt: null, incidentId: null },
      flaps: isBack ? Math.min(before.flaps + 1, maxFlaps) : 0,
    };
  }
  if (before.state === "pending") {
    return {
      ...before,
      ...shown,
      cause,
      clearSince: null,
      dueAt: isExplained ? Math.max(before.dueAt, dueAt) : before.dueAt,
    };
  }
  // Its incident has been announced, and goes on.
  return { ...before, ...shown, state: "firing", clearSince: null, recoveredAt: null };
}

/** An alert whose condition does not hold; `null` if it is ok again. */
export function calmed(before: StoredAlert, at: number): StoredAlert | null {
  if (before.state === "pending") return null;
  if (before.state === "recovered") return before;
  const clearSince = before.clearSince ?? at;
  return at - clearSince >= calmMs * 4 ** before.flaps
    ? { ...before, state: "recovered", clearSince, recoveredAt: at }
    : { ...before, clearSince };
}

/** An alert of which it is not known whether its condition holds: it stays what it was. */
export function unknown(before: StoredAlert, at: number): StoredAlert | null {
  return before.clearSince === null ? before : calmed(before, at);
}

export function isSilenced(
  { kind, companyId }: StoredAlert,
  silences: readonly AlertSilence[],
  at: number,
): boolean {
  return silences.some(
    (silence) =>
      silence.until > at &&
      (silence.kind === null || silence.kind === kind) &&
      (silence.companyId === null || silence.companyId === companyId),
  );
}
