import type {
  AlertIncident,
  AlertTick,
  OutboxMessage,
  StoredAlert,
  StoredAlerts,
} from "../ports/alert-store.js";
import { type AlertMessageType, composeMessage } from "./alert-message.js";
import { calmed, held, isSilenced, keyOf, unknown } from "./alert-states.js";
import { advanceIncident, groupsToAnnounce, openIncident } from "./incidents.js";
import type { Observation } from "./observation.js";

/** A channel that messages are addressed to. */
export interface AlertChannel {
  readonly channel: string;
  /** 0 is told of everything, 1 of what was escalated once, and so on. */
  readonly level: number;
}

export interface AdvanceOptions {
  readonly channels: readonly AlertChannel[];
  /** How long a critical incident may be without acknowledgment before the next level is told, in milliseconds. */
  readonly escalateMs: number;
  readonly newId: () => string;
  /** The address where a person sees an incident; `null` if there is none. */
  readonly linkTo: (incidentId: string) => string | null;
}

/** How long an alert that has recovered is remembered. */
const rememberedMs = 24 * 60 * 60_000;

/**
 * The next state of all alerts, and the messages about it: a pure function of what is stored and what was seen.
 * Whoever commits its result in one transaction has lost and doubled nothing.
 */
export function advanceAlerts(
  stored: StoredAlerts,
  seen: Observation,
  options: AdvanceOptions,
): Omit<AlertTick, "expectedRevision"> {
  const { at } = seen;
  const open = stored.incidents.filter(({ closedAt }) => closedAt === null);
  const openIds = new Set(open.map(({ id }) => id));
  const before = new Map(stored.alerts.map((alert) => [keyOf(alert), alert]));
  const conditions = new Map(seen.conditions.map((condition) => [keyOf(condition), condition]));
  const after = new Map<string, StoredAlert>();
  const put = (alert: StoredAlert | null): void => {
    if (alert !== null) after.set(keyOf(alert), alert);
  };
  for (const alert of stored.alerts) {
    if (!conditions.has(keyOf(alert))) put(seen.isUnknown(alert) ? unknown(alert, at) : calmed(alert, at));
  }
  for (const [key, condition] of conditions) {
    const known = before.get(key) ?? null;
    const isOpen = known?.incidentId != null && openIds.has(known.incidentId);
    put(held(known, condition, { at, isOpen }));
  }
  const isMute = (alert: StoredAlert): boolean =>
    conditions.get(keyOf(alert))?.isExplained === true || isSilenced(alert, stored.silences, at);

  const incidents: AlertIncident[] = [];
  const messages: OutboxMessage[] = [];
  function tell(
    incident: AlertIncident,
    { type, number }: { readonly type: AlertMessageType; readonly number: number },
    alerts: readonly StoredAlert[],
  ): void {
    incidents.push(incident);
    const key = number === 0 ? `${incident.id}_${type}` : `${incident.id}_${type}_${number}`;
    const link = options.linkTo(incident.id);
    const body = JSON.stringify(composeMessage({ key, type, incident, alerts, seen, link }));
    for (const { channel, level } of options.channels) {
      if (level <= incident.level) messages.push({ key, channel, incidentId: incident.id, body });
    }
  }

  const highestLevel = Math.max(0, ...options.channels.map(({ level }) => level));
  for (const incident of open) {
    const alerts = [...after.values()].filter(({ incidentId }) => incidentId === incident.id);
    const { escalateMs } = options;
    const step = advanceIncident(incident, alerts, { at, isMute, escalateMs, highestLevel });
    if (step !== null) tell(step.incident, step, alerts);
  }
  for (const [first, ...others] of groupsToAnnounce([...after.values()], {
    at,
    isMute,
    incidents: stored.incidents,
  })) {
    if (first === undefined) continue;
    const incident = openIncident([first, ...others], { at, id: options.newId() });
    const fired = [first, ...others].map(
      (alert): StoredAlert => ({ ...alert, state: "firing", incidentId: incident.id }),
    );
    for (const alert of fired) put(alert);
    tell(incident, { type: "firing", number: 0 }, fired);
  }

  const stillOpen = new Set(openIds);
  for (const { id, closedAt } of incidents) if (closedAt !== null) stillOpen.delete(id);
  for (const [key, { state, recoveredAt, incidentId }] of after) {
    const isOld = recoveredAt !== null && at - recoveredAt > rememberedMs;
    if (state === "recovered" && isOld && !stillOpen.has(incidentId ?? "")) after.delete(key);
  }
  return {
    at,
    alerts: [...after].filter(([key, alert]) => !isSame(alert, before.get(key))).map(([, alert]) => alert),
    removed: stored.alerts
      .filter((alert) => !after.has(keyOf(alert)))
      .map(({ kind, subject }) => ({ kind, subject })),
    incidents,
    messages,
  };
}

function isSame(alert: StoredAlert, before: StoredAlert | undefined): boolean {
  return before !== undefined && JSON.stringify(inOrder(alert)) === JSON.stringify(inOrder(before));
}

/** Two forms of one alert may have their fields in another order. */
function inOrder(alert: StoredAlert): readonly unknown[] {
  const { kind, subject, companyId, state, severity, cause, since, dueAt } = alert;
  const { clearSince, recoveredAt, incidentId, flaps, figures } = alert;
  const ends = [clearSince, recoveredAt, incidentId, flaps, Object.entries(figures)];
  return [kind, subject, companyId, state, severity, cause, since, dueAt, ...ends];
}
