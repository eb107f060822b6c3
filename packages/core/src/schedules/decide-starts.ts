import type { SyncJob } from "../ports/job-queue.js";
import type { StoredSchedule } from "../ports/schedule-store.js";
import type {
  CatchUp,
  DueSchedule,
  Outage,
  SkipReason,
  StartDecision,
  StartLedgerEntry,
  StartOutcome,
} from "../ports/start-ledger.js";
import { catchUpAt } from "./catch-up-at.js";
import { readDuration } from "./duration-text.js";
import { firstStartAfter, type NominalStart, nominalStarts } from "./first-start-after.js";
import { judgeNominal } from "./judge-nominal.js";

export interface DecideOptions {
  /** Now, in epoch milliseconds. */
  readonly at: number;
  readonly outage: Outage | null;
  readonly newId: () => string;
}

/** Entries are kept for 14 days: the outcome of an older start would be deleted at once. */
const keptMs = 14 * 86_400_000;
/** A start is delayed if it comes later than this after its jitter, in milliseconds. */
const punctualMs = 60_000;

/**
 * Decides about every nominal instant of a schedule that has come since the last decision. At most one job comes of it:
 * for the first start that can run now, which also catches up with missed ones; or for a catch-up that is due.
 */
export function decideStarts(due: DueSchedule, { at, outage, newId }: DecideOptions): StartDecision {
  const { schedule } = due;
  const starts = startsUntil(schedule, at).map((start) => ({ ...start, ...judge(due, start, outage) }));
  const startable = starts.find(({ outcome }) => outcome === "queued");
  const hasMissed = starts.some(({ outcome }) => outcome === "missed");
  const runId = due.catchUp?.runId ?? newId();
  const decidedUntil = starts.at(-1)?.nominalAt ?? schedule.decidedUntil;
  const next = firstStartAfter(schedule, decidedUntil);
  const catchUp = startable === undefined ? catchUpOf(due, hasMissed, runId, at) : null;
  const isCatchingUp = catchUp !== null && catchUp.runAt <= at;
  const entries = starts.map((start): StartLedgerEntry => {
    const { nominalAt, runAt } = start;
    const base = { nominalAt, lastNominalAt: nominalAt, count: 1, runAt, decidedAt: at };
    if (start.outcome === "skipped")
      return { ...base, outcome: "skipped", reason: start.reason, runId: null };
    if (start.outcome === "missed") return { ...base, outcome: "missed", reason: null, runId };
    if (start !== startable) return { ...base, outcome: "skipped", reason: "overlap", runId };
    return { ...base, outcome: at - runAt > punctualMs ? "delayed" : "queued", reason: null, runId };
  });
  return {
    entries: grouped(entries),
    decidedUntil,
    next,
    catchUp: isCatchingUp ? null : catchUp,
    job: startable !== undefined || isCatchingUp ? jobOf(due, runId, at) : null,
  };
}

/** The outcomes of starts of a schedule that is changed or disabled before they were decided. */
export function startsGivenUp(schedule: StoredSchedule, at: number): readonly StartLedgerEntry[] {
  if (!schedule.enabled) return [];
  return grouped(
    startsUntil(schedule, at).map(({ nominalAt, runAt, refusal }) => {
      const reason = refusal ?? "changed";
      const base = { nominalAt, lastNominalAt: nominalAt, count: 1, runAt, decidedAt: at };
      return { ...base, outcome: "skipped", reason, runId: null };
    }),
  );
}

function startsUntil(schedule: StoredSchedule, at: number): readonly NominalStart[] {
  const starts: NominalStart[] = [];
  for (const start of nominalStarts(schedule, Math.max(schedule.decidedUntil, at - keptMs))) {
    if (start.runAt > at) break;
    starts.push(start);
  }
  return starts;
}

type Verdict =
  | { readonly outcome: "queued" | "missed" }
  | { readonly outcome: "skipped"; readonly reason: SkipReason };

function judge(due: DueSchedule, { runAt, refusal }: NominalStart, outage: Outage | null): Verdict {
  if (refusal !== null) return { outcome: "skipped", reason: refusal };
  if (isPausedAt(due, runAt)) return { outcome: "skipped", reason: "paused" };
  if (isRefused(due)) return { outcome: "skipped", reason: "refused" };
  const isMissed = outage !== null && runAt >= outage.from && runAt < outage.until;
  return { outcome: isMissed ? "missed" : "queued" };
}

const isRefused = ({ state }: DueSchedule): boolean => state.connection === "error";

/** A pause that was ended counts until its end: it is stored no longer when it began. */
function isPausedAt({ state: { pause, resumedAt } }: DueSchedule, time: number): boolean {
  if (pause === null) return resumedAt !== null && time < resumedAt;
  return time >= pause.at && (pause.until === null || time < pause.until);
}

/** The catch-up that remains or becomes necessary: none while the credential must not start anything. */
function catchUpOf(due: DueSchedule, hasMissed: boolean, runId: string, at: number): CatchUp | null {
  if (due.catchUp === null && !hasMissed) return null;
  if (isRefused(due) || isPausedAt(due, at)) return null;
  const { schedule, catchUp } = due;
  // The window may have closed since the time was chosen.
  const isOpen = judgeNominal(schedule, at) === "permitted";
  if (catchUp !== null && (catchUp.runAt > at || isOpen)) return catchUp;
  const runAt = catchUpAt(schedule, at);
  return runAt === null ? null : { runId, runAt };
}

function jobOf({ schedule, state }: DueSchedule, runId: string, at: number): SyncJob {
  const { lastFullStartedAt } = state.runs;
  const isFull = isFullDue(schedule, lastFullStartedAt, at);
  return {
    runId,
    credentialId: schedule.credentialId,
    companyId: schedule.companyId,
    type: "scheduled",
    data: schedule.data,
    mode: isFull ? "full" : "incremental",
    fresh: false,
    rederive: false,
    replay: false,
    from: null,
    to: null,
    by: null,
    allowRemovals: false,
    actor: "scheduler",
    priority: isFull || lastFullStartedAt === null ? "bulk" : "scheduled",
  };
}

/** A first load reads everything, and is as good as a full pass. */
function isFullDue({ fullEvery }: StoredSchedule, lastFullStartedAt: number | null, at: number): boolean {
  const everyMs = fullEvery === null ? null : readDuration(fullEvery);
  return everyMs !== null && lastFullStartedAt !== null && at - lastFullStartedAt >= everyMs;
}

/** Starts in a row that were skipped or missed alike share an entry. */
function grouped(entries: readonly StartLedgerEntry[]): readonly StartLedgerEntry[] {
  const groups: StartLedgerEntry[] = [];
  for (const entry of entries) {
    const last = groups.at(-1);
    if (last !== undefined && isShared(entry.outcome) && isAlike(last, entry)) {
      const { lastNominalAt, runAt } = entry;
      groups[groups.length - 1] = { ...last, lastNominalAt, runAt, count: last.count + 1 };
    } else groups.push(entry);
  }
  return groups;
}

const isShared = (outcome: StartOutcome): boolean => outcome === "skipped" || outcome === "missed";

function isAlike(left: StartLedgerEntry, right: StartLedgerEntry): boolean {
  return left.outcome === right.outcome && left.reason === right.reason && left.runId === right.runId;
}
