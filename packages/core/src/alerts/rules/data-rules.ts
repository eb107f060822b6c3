import type { DayFigures, ObservedCredential } from "../alert-snapshot.js";
import type { AlertCondition } from "../observation.js";
import type { AlertThresholds } from "../thresholds.js";
import { conditionOf } from "./credential-rules.js";

const dayMs = 86_400_000;
/** Days with which the rejections of a day are compared. */
const rejectionDays = 14;
/** Weeks with which the rows of a day are compared, and how many of them there must be. */
const volumeWeeks = 4;
const leastWeeks = 3;
/** Of so few rows no share means anything. */
const leastRows = 20;

/** What is wrong with the data of a credential, from the figures of its days and the warnings of its last run. */
export function dataConditions(
  credential: ObservedCredential,
  at: number,
  thresholds: AlertThresholds,
): readonly AlertCondition[] {
  if (credential.isPaused) return [];
  return [
    ...warningConditions(credential, at),
    ...(credential.days === null
      ? []
      : [
          ...rejectionCondition(credential, credential.days, at, thresholds),
          ...volumeCondition(credential, credential.days, at, thresholds),
        ]),
  ];
}

function warningConditions(credential: ObservedCredential, at: number): readonly AlertCondition[] {
  const { warnings, stored } = credential;
  const since = stored.runs.last?.endedAt ?? at;
  return [
    ...(warnings?.includes("REMOVALS_HELD_BACK") === true
      ? [conditionOf(credential, "removals-held-back", { severity: "warning", since })]
      : []),
    ...(warnings?.some((code) => code === "SCHEMA_DRIFT" || code === "FIELD_ABSENT") === true
      ? [conditionOf(credential, "drift", { severity: "warning", since })]
      : []),
  ];
}

/** Of the last day that has records: a day that has just begun says nothing. */
function rejectionCondition(
  credential: ObservedCredential,
  days: readonly DayFigures[],
  at: number,
  { rejected: most, rejectedTimes }: AlertThresholds,
): readonly AlertCondition[] {
  const last = [...days].sort(byDay).findLast(({ derived }) => derived > 0);
  if (last === undefined || last.day < dayOf(at - dayMs) || last.rejected <= most) return [];
  const first = dayOf(Date.parse(last.day) - rejectionDays * dayMs);
  const earlier = days.filter(({ day }) => day >= first && day < last.day);
  const usual = shareOf(sum(earlier, "rejected"), sum(earlier, "derived"));
  const share = shareOf(last.rejected, last.derived);
  // Without any records before there is no usual share.
  if (usual === null || share === null || share < rejectedTimes * usual) return [];
  return [
    conditionOf(credential, "rejections-up", {
      severity: "warning",
      since: Date.parse(last.day),
      figures: { rejected: last.rejected, of: last.derived, "usual percent": percent(usual) },
    }),
  ];
}

/** Of yesterday, since today is not over. */
function volumeCondition(
  credential: ObservedCredential,
  days: readonly DayFigures[],
  at: number,
  { volumeShare }: AlertThresholds,
): readonly AlertCondition[] {
  const yesterday = dayOf(at - dayMs);
  const rows = days.find(({ day }) => day === yesterday)?.rowsRead;
  // A day without runs is late, not small.
  if (rows === undefined) return [];
  const weeks = Array.from({ length: volumeWeeks }, (_, week) =>
    dayOf(Date.parse(yesterday) - (week + 1) * 7 * dayMs),
  );
  const earlier = days.filter(({ day }) => weeks.includes(day)).map(({ rowsRead }) => rowsRead);
  if (earlier.length < leastWeeks) return [];
  const usual = median(earlier);
  if (usual < leastRows || rows >= volumeShare * usual) return [];
  return [
    conditionOf(credential, "volume-down", {
      severity: "warning",
      since: Date.parse(yesterday),
      figures: { rows, "usual rows": Math.round(usual) },
    }),
  ];
}

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
const byDay = (left: DayFigures, right: DayFigures): number => (left.day < right.day ? -1 : 1);
const percent = (share: number): number => Math.round(share * 1000) / 10;

function sum(days: readonly DayFigures[], field: "rejected" | "derived"): number {
  return days.reduce((total, day) => total + day[field], 0);
}

function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return (lower + upper) / 2;
}
