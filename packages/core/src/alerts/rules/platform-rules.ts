import type { AlertFigures, AlertSeverity } from "../../ports/alert-store.js";
import type { JobQueueStats } from "../../ports/job-queue.js";
import type { AlertKind } from "../alert-kinds.js";
import type { AlertSnapshot } from "../alert-snapshot.js";
import type { AlertCondition } from "../observation.js";
import type { AlertThresholds } from "../thresholds.js";

const dayMs = 86_400_000;

/** What is wrong with the platform as a whole. */
export function platformConditions(
  snapshot: AlertSnapshot,
  thresholds: AlertThresholds,
): readonly AlertCondition[] {
  return [
    noWorker(snapshot, thresholds),
    schedulerSilent(snapshot, thresholds),
    queueOld(snapshot, thresholds),
    databaseFull(snapshot, thresholds),
    clockOff(snapshot, thresholds),
    keyOld(snapshot, thresholds),
    ...notificationsFailing(snapshot, thresholds),
  ].filter((condition) => condition !== null);
}

/** Only where somebody expects one: there are schedules, or syncs wait. */
function noWorker(snapshot: AlertSnapshot, { noWorkerMs }: AlertThresholds): AlertCondition | null {
  const { at, workers, queue, schedules, watchingSince } = snapshot;
  if (schedules === 0 && waitingIn(queue) === 0) return null;
  const working = workers.filter(({ isClosing }) => !isClosing);
  const silentMs = Math.min(...working.map((worker) => worker.silentMs), at - watchingSince);
  if (silentMs < noWorkerMs) return null;
  const waiting = waitingIn(queue);
  return platformCondition("no-worker", "workers", {
    severity: "critical",
    since: at - silentMs,
    figures: { "waiting syncs": waiting },
  });
}

function schedulerSilent(
  { at, lastTick, schedules, watchingSince }: AlertSnapshot,
  { schedulerSilentMs }: AlertThresholds,
): AlertCondition | null {
  if (schedules === 0) return null;
  const since = Math.max(lastTick ?? 0, watchingSince);
  if (at - since < schedulerSilentMs) return null;
  return platformCondition("scheduler-silent", "scheduler", { severity: "critical", since });
}

/** Jobs of the priority `bulk` wait for all others, for hours if need be. */
function queueOld({ at, queue }: AlertSnapshot, { queueMs }: AlertThresholds): AlertCondition | null {
  const { manual, scheduled } = queue.oldestWaitingSince;
  const since = Math.min(manual ?? at, scheduled ?? at);
  if (at - since < queueMs) return null;
  return platformCondition("queue-old", "queue", {
    severity: "warning",
    since,
    figures: {
      "waiting syncs": waitingIn(queue),
      "oldest in minutes": Math.round((at - since) / 60_000),
    },
  });
}

function databaseFull(
  { at, platform }: AlertSnapshot,
  { freeShare }: AlertThresholds,
): AlertCondition | null {
  if (platform.freeShare === null || platform.freeShare >= freeShare) return null;
  return platformCondition("database-full", "database", {
    severity: "critical",
    since: at,
    figures: { "percent free": Math.round(platform.freeShare * 100) },
  });
}

function clockOff({ at, clockAheadMs }: AlertSnapshot, { clockMs }: AlertThresholds): AlertCondition | null {
  if (Math.abs(clockAheadMs) < clockMs) return null;
  const seconds = Math.round(Math.abs(clockAheadMs) / 1000);
  return platformCondition("clock-off", "clock", {
    severity: "warning",
    since: at,
    figures: { [clockAheadMs > 0 ? "seconds ahead" : "seconds behind"]: seconds },
  });
}

function keyOld({ at, platform }: AlertSnapshot, { keyMs }: AlertThresholds): AlertCondition | null {
  const { keyAgeMs } = platform;
  if (keyAgeMs === null || keyAgeMs < keyMs) return null;
  return platformCondition("key-old", "key", {
    severity: "warning",
    since: at - keyAgeMs + keyMs,
    figures: { "age in days": Math.floor(keyAgeMs / dayMs) },
  });
}

/** One for each channel: other channels report it. */
function notificationsFailing(
  { at, channels }: AlertSnapshot,
  { deliveryMs }: AlertThresholds,
): readonly AlertCondition[] {
  return channels
    .filter(({ oldestWaitingMs, givenUp }) => givenUp > 0 || (oldestWaitingMs ?? 0) >= deliveryMs)
    .map(({ channel, oldestWaitingMs, givenUp }) => ({
      ...platformCondition("notifications-failing", channel, {
        severity: "critical",
        since: at - (oldestWaitingMs ?? 0),
        figures: { channel, "not delivered": givenUp },
      }),
    }));
}

function waitingIn({ waiting }: JobQueueStats): number {
  return Object.values(waiting).reduce((total, count) => total + count, 0);
}

interface PlatformDetails {
  readonly severity: AlertSeverity;
  readonly since: number;
  readonly figures?: AlertFigures;
}

function platformCondition(
  kind: AlertKind,
  subject: string,
  { severity, since, figures = {} }: PlatformDetails,
): AlertCondition {
  return { kind, subject, companyId: null, severity, cause: kind, since, figures, isExplained: false };
}
