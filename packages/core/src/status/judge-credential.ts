import type { FeedName } from "../feeds/feed.js";
import { isoTime } from "../json/iso-time.js";
import { stalest } from "../ledger/runs-state.js";
import type { DataFreshness, StoredCredentialState } from "../ports/credential-state.js";
import type { StoredSchedule } from "../ports/schedule-store.js";
import { firstStartAfter, gapBetweenStarts } from "../schedules/first-start-after.js";
import { judgeNominal } from "../schedules/judge-nominal.js";
import { scheduleProblem } from "../schedules/schedule-problem.js";

/** The states of a credential, in the order in which they are looked for: the first that matches counts. */
export const credentialStates = [
  "paused",
  "refused",
  "never",
  "failing",
  "late",
  "degraded",
  "fresh",
] as const;

export type CredentialStateName = (typeof credentialStates)[number];

/** The states that need a person, or soon will. */
export const statesOfConcern: readonly CredentialStateName[] = ["refused", "failing", "late", "degraded"];

export interface JudgedState {
  readonly state: CredentialStateName;
  /** Why, in one sentence. */
  readonly why: string;
}

export interface JudgeOptions {
  /** The credential's schedule; `null` if it has none. */
  readonly schedule: StoredSchedule | null;
  /** The data types that the schedule syncs, by their driver feeds. */
  readonly scheduledData: readonly FeedName[];
  /** Epoch milliseconds. */
  readonly now: number;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** How late a start may be: a share of the time between two starts, within limits. */
const graceShare = 0.25;
const leastGraceMs = 2 * minuteMs;
const mostGraceMs = 20 * minuteMs;
/** Without a schedule. */
const staleMs = 7 * dayMs;

/** The state of a credential: everything that shows one asks here. */
export function judgeCredential(stored: StoredCredentialState, options: JudgeOptions): JudgedState {
  const { runs, connection } = stored;
  const { last, lastGood } = runs;
  const pause = pauseAt(stored, options.now);
  if (pause !== null) {
    const until = pause.until === null ? "until somebody resumes it" : `until ${isoTime(pause.until)}`;
    return { state: "paused", why: `Paused ${until} by ${pause.actor}: ${pause.reason}` };
  }
  if (connection === "error") {
    return {
      state: "refused",
      why: "ServiceTitan refused the credential; nothing is tried until it is changed or a connection test succeeds.",
    };
  }
  if (lastGood === null) {
    const failed = last === null ? "" : ` The last one failed with ${last.errorCode ?? "an unknown error"}.`;
    return { state: "never", why: `No sync has completed yet.${failed}` };
  }
  if (last?.status === "failed") {
    const times = runs.failures === 1 ? "The last sync" : `The last ${runs.failures} syncs`;
    const since = runs.failingSince === null ? "" : `, since ${isoTime(runs.failingSince)}`;
    return { state: "failing", why: `${times} failed${since}: ${last.errorCode ?? "an unknown error"}.` };
  }
  const late = latenessOf(stored, options);
  if (late !== null) return { state: "late", why: late.why };
  if (last?.status === "partial") {
    return {
      state: "degraded",
      why: `The last sync was partial${since(runs.degradedSince)}: some columns keep earlier values.${missingIn(stored)}`,
    };
  }
  const uncertain = feedsOf(stored, ({ uncertain: feeds = [] }) => feeds);
  if (uncertain.length > 0) {
    return {
      state: "degraded",
      why: `The last sync could not tell whether it had read ${uncertain.join(", ")} to the end: ServiceTitan sent a page twice.${missingIn(stored)}`,
    };
  }
  return {
    state: "fresh",
    why: `The last sync completed at ${isoTime(lastGood.endedAt)}.${missingIn(stored)}`,
  };
}

/** The pause that a credential is in; `null` if it is in none. */
export function pauseAt({ pause }: Pick<StoredCredentialState, "pause">, now: number) {
  return pause !== null && (pause.until === null || pause.until > now) ? pause : null;
}

function since(time: number | null): string {
  return time === null ? "" : `, and so have been those since ${isoTime(time)}`;
}

function feedsOf(
  { runs }: StoredCredentialState,
  choose: (data: DataFreshness) => readonly FeedName[],
): readonly FeedName[] {
  return [...new Set(Object.values(runs.data).flatMap(choose))];
}

function missingIn(stored: StoredCredentialState): string {
  const missing = feedsOf(stored, (data) => data.missing);
  return missing.length === 0 ? "" : ` Without ${missing.join(", ")}.`;
}

/** How late a credential is. */
export interface Lateness {
  /** Why it is late, in one sentence. */
  readonly why: string;
  /** When what should be repeated by now began, in epoch milliseconds: mostly the last good sync. */
  readonly from: number;
  /** Since when it has been late. */
  readonly since: number;
}

/**
 * How late a credential is; `null` if it is not. Says nothing of one that is paused or refused, or was never synced:
 * {@link judgeCredential} looks at that first.
 */
export function latenessOf(stored: StoredCredentialState, options: JudgeOptions): Lateness | null {
  const { schedule, now } = options;
  if (schedule?.enabled === true) {
    const problem = scheduleProblem(schedule);
    // When it is due is not known, and nothing starts: everything but late would be a false promise.
    if (problem !== null) return { why: `${problem.message} ${problem.hint}`, from: now, since: now };
    return latenessBy(schedule, stored, options);
  }
  const freshAsOf = stalest(stored.runs);
  if (freshAsOf !== null && now - freshAsOf <= staleMs) return null;
  const shown = freshAsOf === null ? "unknown" : isoTime(freshAsOf);
  return {
    why: `No schedule, and the data is older than 7 days: fresh as of ${shown}.`,
    from: freshAsOf ?? now,
    since: freshAsOf === null ? now : freshAsOf + staleMs,
  };
}

/**
 * The first start after the beginning of the last good run has passed, and no good run has ended since. Starts within a
 * pause, or before the schedule was what it is, were none.
 */
function latenessBy(
  schedule: StoredSchedule,
  stored: StoredCredentialState,
  { scheduledData, now }: JudgeOptions,
): Lateness | null {
  const began = scheduledData.map((data) => stored.runs.data[data]?.lastGoodStartedAt ?? null);
  // What was never synced is due since there was a schedule for it.
  const lastGood = began.includes(null)
    ? schedule.createdAt
    : Math.min(...began.map((time) => time ?? schedule.createdAt));
  // A schedule that is changed misses no start of its past, unless nothing was synced for a day by then.
  const changed = schedule.updatedAt - lastGood <= dayMs ? schedule.updatedAt : 0;
  const from = Math.max(lastGood, changed);
  const due = dueAfter(schedule, from);
  if (due === null) return null;
  const pause = lastPauseOf(stored, now);
  // What was late before a pause is so afterward.
  const isPausedInTime = pause !== null && due.latestAt > pause.from && pause.to > from;
  const counted = isPausedInTime ? dueAfter(schedule, pause.to) : due;
  if (counted === null || now <= counted.latestAt) return null;
  return {
    why: `A sync was due at ${isoTime(counted.runAt)}, and none has completed since the one that started at ${isoTime(lastGood)}.`,
    from: isPausedInTime ? pause.to : from,
    since: counted.latestAt,
  };
}

/** The first start after a time, and when it is late. */
function dueAfter(
  schedule: StoredSchedule,
  after: number,
): { readonly runAt: number; readonly latestAt: number } | null {
  const start = firstStartAfter(schedule, after);
  if (start === null) return null;
  const share = graceShare * (gapBetweenStarts(schedule, after) ?? Number.POSITIVE_INFINITY);
  let latestAt = start.runAt + Math.min(mostGraceMs, Math.max(leastGraceMs, share));
  // The clock stops on quiet days.
  while (judgeNominal({ ...schedule, window: null }, latestAt) === "quiet-day") latestAt += dayMs;
  return { runAt: start.runAt, latestAt };
}

/** The last pause that is over. */
function lastPauseOf(
  { pause, lastPausedAt, resumedAt }: StoredCredentialState,
  now: number,
): { readonly from: number; readonly to: number } | null {
  if (pause?.until != null && pause.until <= now) return { from: pause.at, to: pause.until };
  return lastPausedAt === null || resumedAt === null ? null : { from: lastPausedAt, to: resumedAt };
}
