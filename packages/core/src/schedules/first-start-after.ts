import type { ScheduledStart, ScheduleTimes } from "../ports/schedule-store.js";
import { jitterOf, withJitter } from "./jitter.js";
import { judgedAlikeUntil, judgeNominal, type NominalVerdict } from "./judge-nominal.js";
import { type NominalInstants, nominalInstants } from "./nominal-instants.js";

/** Leap days are up to eight years apart. */
const horizonMs = 9 * 366 * 86_400_000;

/** A nominal instant of a schedule, in epoch milliseconds, and what is to be done about it. */
export interface NominalStart extends ScheduledStart {
  /** Why the schedule does not start then; `null` where it does. */
  readonly refusal: Exclude<NominalVerdict, "permitted"> | null;
}

/**
 * Every nominal instant after this time (epoch milliseconds), in order and without end, those included at which the
 * schedule does not start. None when it is disabled.
 *
 * @throws {@link ValidationError} when `cron` or `every` is invalid.
 */
export function* nominalStarts(schedule: ScheduleTimes, after: number): Generator<NominalStart, void> {
  if (!schedule.enabled) return;
  const instants = nominalInstants(schedule);
  const jitterMs = jitterOf(schedule);
  for (let at = instants.after(after); at !== null; at = instants.after(at)) {
    const verdict = judgeNominal(schedule, at);
    yield verdict === "permitted"
      ? { nominalAt: at, runAt: withJitter(schedule, at, jitterMs), refusal: null }
      : { nominalAt: at, runAt: at + jitterMs, refusal: verdict };
  }
}

/**
 * The first start whose nominal instant is after this time (epoch milliseconds), on no quiet day and within the window;
 * `null` when the schedule is disabled or none comes.
 *
 * @throws {@link ValidationError} when `cron` is invalid.
 */
export function firstStartAfter(schedule: ScheduleTimes, after: number): ScheduledStart | null {
  return startsAfter(schedule, after, 1)[0] ?? null;
}

/**
 * The next starts whose nominal instants are after this time (epoch milliseconds), at most `count`.
 *
 * @throws {@link ValidationError} when `cron` is invalid.
 */
export function startsAfter(
  schedule: ScheduleTimes,
  after: number,
  count: number,
): readonly ScheduledStart[] {
  if (!schedule.enabled) return [];
  const instants = nominalInstants(schedule);
  const jitterMs = jitterOf(schedule);
  const starts: ScheduledStart[] = [];
  let nominalAt = firstPermitted(schedule, instants, after);
  while (nominalAt !== null && starts.length < count) {
    starts.push({ nominalAt, runAt: withJitter(schedule, nominalAt, jitterMs) });
    if (starts.length < count) nominalAt = firstPermitted(schedule, instants, nominalAt);
  }
  return starts;
}

/**
 * How far apart the first two starts after this time are, from one nominal instant to the next, in milliseconds; `null`
 * when there are no two.
 *
 * @throws {@link ValidationError} when `cron` is invalid.
 */
export function gapBetweenStarts(schedule: ScheduleTimes, after: number): number | null {
  const [first, second] = startsAfter(schedule, after, 2);
  return first === undefined || second === undefined ? null : second.nominalAt - first.nominalAt;
}

function firstPermitted(schedule: ScheduleTimes, instants: NominalInstants, after: number): number | null {
  let from = after;
  while (from < after + horizonMs) {
    const nominalAt = instants.after(from);
    if (nominalAt === null) return null;
    const verdict = judgeNominal(schedule, nominalAt);
    if (verdict === "permitted") return nominalAt;
    from = Math.max(nominalAt, judgedAlikeUntil(schedule, nominalAt, verdict) - 1);
  }
  return null;
}
