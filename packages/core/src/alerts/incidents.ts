import type { AlertIncident, AlertSeverity, StoredAlert } from "../ports/alert-store.js";
import { alertKinds, isAlertKind } from "./alert-kinds.js";
import type { AlertMessageType } from "./alert-message.js";

const minuteMs = 60_000;
/** Alerts of companies with the same kind and cause that come within this time are one message. */
const collectMs = 2 * minuteMs;
/** How many messages of the same kind and cause, and of all, may begin within `crowdMs`; others are collected longer. */
const crowdMs = 30 * minuteMs;
const mostAlike = 3;
const mostOfAll = 20;
const reminderMs = 24 * 60 * minuteMs;

export interface AnnounceOptions {
  readonly at: number;
  /** Whether nobody is told of an alert: it is silenced, or something else explains it. */
  readonly isMute: (alert: StoredAlert) => boolean;
  /** Those that are open, and those of the last `crowdMs`. */
  readonly incidents: readonly AlertIncident[];
}

/** The alerts that are to be announced now, each group in one message: the critical ones first. */
export function groupsToAnnounce(
  alerts: readonly StoredAlert[],
  { at, isMute, incidents }: AnnounceOptions,
): readonly (readonly StoredAlert[])[] {
  const due = alerts.filter((alert) => alert.state === "pending" && alert.dueAt <= at && !isMute(alert));
  const groups = [...Map.groupBy(due, groupOf).values()].filter((group) => {
    const [first] = group;
    return first !== undefined && at - firstDueAt(group) >= collectMsOf(first.kind);
  });
  const recent = incidents.filter(({ openedAt }) => openedAt > at - crowdMs);
  const counts = new Map<string, number>();
  for (const incident of recent) counts.set(groupOf(incident), (counts.get(groupOf(incident)) ?? 0) + 1);
  return groups
    .sort(
      (left, right) =>
        Number(worstOf(right) === "critical") - Number(worstOf(left) === "critical") ||
        firstDueAt(left) - firstDueAt(right),
    )
    .filter((group) => group.some((alert) => (counts.get(groupOf(alert)) ?? 0) < mostAlike))
    .slice(0, Math.max(0, mostOfAll - recent.length));
}

const groupOf = ({ kind, cause }: Pick<StoredAlert, "kind" | "cause">): string =>
  JSON.stringify([kind, cause]);
const firstDueAt = (group: readonly StoredAlert[]): number => Math.min(...group.map(({ dueAt }) => dueAt));
/** There is only one platform: nothing to wait for. */
const collectMsOf = (kind: string): number =>
  isAlertKind(kind) && alertKinds[kind].about === "platform" ? 0 : collectMs;

export function worstOf(alerts: readonly StoredAlert[]): AlertSeverity {
  return alerts.some(({ severity }) => severity === "critical") ? "critical" : "warning";
}

/** The incident of alerts that are announced together. */
export function openIncident(
  [first, ...others]: readonly [StoredAlert, ...StoredAlert[]],
  { at, id }: { readonly at: number; readonly id: string },
): AlertIncident {
  const alerts = [first, ...others];
  const companies = alerts.flatMap(({ companyId }) => (companyId === null ? [] : [companyId]));
  return {
    id,
    kind: first.kind,
    cause: first.cause,
    severity: worstOf(alerts),
    openedAt: at,
    closedAt: null,
    lastMessageAt: at,
    level: 0,
    acknowledgedAt: null,
    acknowledgedBy: null,
    companyIds: [...new Set(companies)].sort(),
  };
}

export interface IncidentStep {
  readonly incident: AlertIncident;
  readonly type: AlertMessageType;
  /** Tells messages of one type apart. */
  readonly number: number;
}

export interface IncidentOptions {
  readonly at: number;
  readonly isMute: (alert: StoredAlert) => boolean;
  readonly escalateMs: number;
  /** The highest level of any channel. */
  readonly highestLevel: number;
}

/**
 * What is to be told of an open incident; `null` if nothing is. It is closed when its last alert has recovered.
 * @param alerts - Those of the incident.
 */
export function advanceIncident(
  incident: AlertIncident,
  alerts: readonly StoredAlert[],
  { at, isMute, escalateMs, highestLevel }: IncidentOptions,
): IncidentStep | null {
  if (alerts.every(({ state }) => state === "recovered")) {
    return { incident: { ...incident, closedAt: at, lastMessageAt: at }, type: "recovered", number: 0 };
  }
  const active = alerts.filter(
    (alert) => alert.state === "firing" && alert.clearSince === null && !isMute(alert),
  );
  if (active.length === 0) return null;
  const told = { ...incident, lastMessageAt: at };
  if (incident.severity === "warning" && worstOf(active) === "critical") {
    return { incident: { ...told, severity: "critical" }, type: "worse", number: 0 };
  }
  const level = incident.level + 1;
  const isIgnored = incident.severity === "critical" && incident.acknowledgedAt === null;
  if (isIgnored && level <= highestLevel && at - incident.openedAt >= escalateMs * level) {
    return { incident: { ...told, level }, type: "escalation", number: level };
  }
  if (at - incident.lastMessageAt < reminderMs) return null;
  return { incident: told, type: "reminder", number: Math.floor((at - incident.openedAt) / reminderMs) };
}
