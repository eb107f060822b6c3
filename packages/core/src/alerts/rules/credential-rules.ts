import type { AlertFigures, AlertSeverity } from "../../ports/alert-store.js";
import { type AlertKind, causeOfFailure } from "../alert-kinds.js";
import type { ObservedCredential } from "../alert-snapshot.js";
import type { AlertCondition } from "../observation.js";
import type { AlertThresholds } from "../thresholds.js";

/** What is wrong with a credential, from its state alone. */
export function credentialConditions(
  credential: ObservedCredential,
  at: number,
  thresholds: AlertThresholds,
): readonly AlertCondition[] {
  const { stored, isPaused } = credential;
  if (isPaused) return [];
  if (stored.connection === "error") {
    const since = stored.runs.last?.endedAt ?? at;
    return [conditionOf(credential, "refused", { severity: "critical", since })];
  }
  const late = lateCondition(credential, at, thresholds);
  const failing = failingCondition(credential, at, thresholds, late?.severity ?? "warning");
  const degraded = degradedCondition(credential, at, thresholds);
  return [
    ...(failing === null ? [] : [failing]),
    // Without a good sync it is late as well: the failure says more.
    ...(late === null ? [] : [{ ...late, isExplained: failing !== null }]),
    ...(degraded === null ? [] : [degraded]),
  ];
}

function failingCondition(
  credential: ObservedCredential,
  at: number,
  { failures: mostFailures, failingMs }: AlertThresholds,
  severity: AlertSeverity,
): AlertCondition | null {
  const { last, failures, failingSince } = credential.stored.runs;
  if (last?.status !== "failed" || failingSince === null) return null;
  if (failures < mostFailures && at - failingSince < failingMs) return null;
  return conditionOf(credential, "failing", {
    severity,
    cause: causeOfFailure(last.errorCode),
    since: failingSince,
    figures: { "failed syncs": failures, "last error": last.errorCode ?? "unknown" },
  });
}

function lateCondition(
  credential: ObservedCredential,
  at: number,
  { lateCriticalTimes }: AlertThresholds,
): AlertCondition | null {
  const { lateness, stored } = credential;
  // One that was never synced has no data that could be old.
  if (lateness === null || stored.runs.lastGood === null) return null;
  const limitMs = lateness.since - lateness.from;
  const isCritical = limitMs > 0 && at - lateness.from >= lateCriticalTimes * limitMs;
  return conditionOf(credential, "late", {
    severity: isCritical ? "critical" : "warning",
    since: lateness.since,
    figures: { "minutes late": Math.round((at - lateness.since) / 60_000) },
  });
}

function degradedCondition(
  credential: ObservedCredential,
  at: number,
  { degradedMs }: AlertThresholds,
): AlertCondition | null {
  const { last, degradedSince } = credential.stored.runs;
  if (last?.status === "failed" || degradedSince === null || at - degradedSince < degradedMs) return null;
  const missing = new Set(Object.values(credential.stored.runs.data).flatMap((data) => data.missing));
  return conditionOf(credential, "degraded", {
    severity: "warning",
    since: degradedSince,
    figures: missing.size === 0 ? {} : { "missing feeds": [...missing].sort().join(" ") },
  });
}

interface ConditionDetails {
  readonly severity: AlertSeverity;
  readonly since: number;
  /** @defaultValue the kind */
  readonly cause?: string;
  readonly figures?: AlertFigures;
}

/** A condition of a credential that nothing else explains. */
export function conditionOf(
  { stored: { credentialId, companyId } }: ObservedCredential,
  kind: AlertKind,
  { severity, since, cause = kind, figures = {} }: ConditionDetails,
): AlertCondition {
  return { kind, subject: credentialId, companyId, severity, cause, since, figures, isExplained: false };
}
