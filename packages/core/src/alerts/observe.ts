import { isoTime } from "../json/iso-time.js";
import { stalest } from "../ledger/runs-state.js";
import type { AlertIdentity } from "../ports/alert-store.js";
import { type AlertKind, alertKinds, isAlertKind, reportedKinds } from "./alert-kinds.js";
import type { AlertSnapshot, ObservedCredential } from "./alert-snapshot.js";
import type { AlertCondition, AlertEnding, Observation } from "./observation.js";
import { credentialConditions } from "./rules/credential-rules.js";
import { dataConditions } from "./rules/data-rules.js";
import { platformConditions } from "./rules/platform-rules.js";
import type { AlertThresholds } from "./thresholds.js";

/** What explains late credentials: nobody is told of each of them as well. */
const explainsLate: readonly AlertKind[] = ["no-worker", "scheduler-silent", "queue-old"];
/** What explains jobs that wait for long. */
const explainsQueue: readonly AlertKind[] = ["no-worker"];
/** Of warnings of the last run. */
const warningKinds: readonly string[] = ["removals-held-back", "drift"];
/** Of the figures of days. */
const dayKinds: readonly string[] = ["rejections-up", "volume-down"];

/** Everything that is wrong in a snapshot: all rules of all kinds. A pure function. */
export function observe(snapshot: AlertSnapshot, thresholds: AlertThresholds): Observation {
  const { at, credentials } = snapshot;
  const platform = platformConditions(snapshot, thresholds);
  const isWrong = (kinds: readonly AlertKind[]): boolean =>
    platform.some(({ kind }) => kinds.some((one) => one === kind));
  const isLateExplained = isWrong(explainsLate);
  const isQueueExplained = isWrong(explainsQueue);
  const byId = new Map(credentials.map((credential) => [credential.stored.credentialId, credential]));
  const explained = (condition: AlertCondition): AlertCondition => ({
    ...condition,
    isExplained:
      condition.isExplained ||
      (condition.kind === "late" && isLateExplained) ||
      (condition.kind === "queue-old" && isQueueExplained),
  });
  return {
    at,
    conditions: [
      ...platform,
      ...credentials.flatMap((credential) => [
        ...credentialConditions(credential, at, thresholds),
        ...dataConditions(credential, at, thresholds),
      ]),
    ].map(explained),
    isUnknown: (identity) => isUnknown(identity, byId, snapshot),
    endingOf: ({ kind, subject }) => endingOf(kind, byId.get(subject) ?? null),
    companies: new Set(credentials.filter(({ isPaused }) => !isPaused).map(({ stored }) => stored.companyId))
      .size,
  };
}

function isUnknown(
  { kind, subject }: AlertIdentity,
  byId: ReadonlyMap<string, ObservedCredential>,
  { platform }: AlertSnapshot,
): boolean {
  if (kind === "database-full") return platform.freeShare === null;
  if (kind === "key-old") return platform.keyAgeMs === null;
  const credential = byId.get(subject);
  if (credential === undefined || credential.isPaused) return false;
  if (reportedKinds.some((reported) => reported === kind)) return true;
  if (warningKinds.includes(kind)) return credential.warnings === null;
  return dayKinds.includes(kind) && credential.days === null;
}

function endingOf(kind: string, credential: ObservedCredential | null): AlertEnding {
  const isPlatform = isAlertKind(kind) && alertKinds[kind].about === "platform";
  if (isPlatform) return { reason: "recovered", figures: {} };
  if (credential === null) return { reason: "removed", figures: {} };
  if (credential.isPaused) return { reason: "paused", figures: {} };
  const freshAsOf = stalest(credential.stored.runs);
  return {
    reason: "recovered",
    figures: freshAsOf === null ? {} : { "fresh as of": isoTime(freshAsOf) },
  };
}
