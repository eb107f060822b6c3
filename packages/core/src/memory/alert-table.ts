import { decodeCursor } from "../paging/page-cursor.js";
import type {
  AlertIdentity,
  AlertIncident,
  AlertSilence,
  AlertStore,
  AlertTick,
  OutboxMessage,
  StoredAlert,
} from "../ports/alert-store.js";
import type { Clock } from "../ports/clock.js";
import type { PruneStep } from "../ports/retention-store.js";
import { createOutbox } from "./alert-outbox.js";
import { compareText } from "./compare-ids.js";
import { takePage } from "./paging.js";

export interface MemoryAlerts extends AlertStore {
  /** Deletes what ended before the time, at most `limit` of all kinds together. */
  prune(step: PruneStep): number;
}

/** Alerts, their incidents, and the outbox. */
export function memoryAlerts(clock: Clock): MemoryAlerts {
  const alerts = new Map<string, StoredAlert>();
  const incidents = new Map<string, AlertIncident>();
  const silences = new Map<string, AlertSilence>();
  const outbox = createOutbox(clock);
  let revision = 0;
  let tickAt: number | null = null;

  function store(tick: AlertTick): void {
    for (const alert of tick.alerts) alerts.set(keyOf(alert), structuredClone(alert));
    for (const identity of tick.removed) alerts.delete(keyOf(identity));
    for (const incident of tick.incidents) {
      const { acknowledgedAt, acknowledgedBy } = incidents.get(incident.id) ?? incident;
      incidents.set(incident.id, { ...structuredClone(incident), acknowledgedAt, acknowledgedBy });
    }
    outbox.add(tick.messages);
    tickAt = tick.at;
    revision += 1;
  }

  return {
    async readAlerts({ incidentsSince }) {
      const now = clock.now();
      return structuredClone({
        revision,
        tickAt,
        now,
        alerts: [...alerts.values()].sort(compareAlerts),
        incidents: [...incidents.values()].filter(
          ({ closedAt, openedAt }) => closedAt === null || openedAt >= incidentsSince,
        ),
        silences: [...silences.values()].filter(({ until }) => until > now),
        channels: outbox.health(),
      });
    },

    async commitAlertTick(tick) {
      if (tick.expectedRevision !== revision) return false;
      store(tick);
      return true;
    },

    async listAlerts({ companyIds, state }, page) {
      const [kind, subject] = decodeCursor("alerts", 2, page) ?? [];
      const isAfter = (alert: StoredAlert): boolean =>
        kind === undefined || subject === undefined || compareAlerts(alert, { kind, subject }) > 0;
      const listed = [...alerts.values()]
        .filter(
          (alert) =>
            (companyIds === undefined ||
              (alert.companyId !== null && companyIds.includes(alert.companyId))) &&
            (state === undefined || alert.state === state) &&
            isAfter(alert),
        )
        .sort(compareAlerts);
      return takePage("alerts", structuredClone(listed), page, (alert) => [alert.kind, alert.subject]);
    },

    async listIncidents({ open }, page) {
      const listed = [...incidents.values()].filter(
        ({ closedAt }) => open === undefined || (closedAt === null) === open,
      );
      return newestFirst("incidents", structuredClone(listed), page, ({ openedAt, id }) => [openedAt, id]);
    },

    async acknowledgeIncident({ incidentId, actor }) {
      const incident = incidents.get(incidentId);
      if (incident === undefined || incident.closedAt !== null) return null;
      if (incident.acknowledgedAt !== null) return incident;
      const acknowledged = { ...incident, acknowledgedAt: clock.now(), acknowledgedBy: actor };
      incidents.set(incidentId, acknowledged);
      revision += 1;
      return acknowledged;
    },

    async addSilence({ id, kind, companyId, until, reason, actor }) {
      const silence = { id, kind, companyId, until, reason, actor, createdAt: clock.now() };
      silences.set(id, silence);
      revision += 1;
      return silence;
    },

    async endSilence(id) {
      const silence = silences.get(id);
      const now = clock.now();
      if (silence === undefined || silence.until <= now) return false;
      silences.set(id, { ...silence, until: now });
      revision += 1;
      return true;
    },

    listSilences: async (page) =>
      newestFirst("silences", [...silences.values()], page, ({ createdAt, id }) => [createdAt, id]),

    addMessages: async (messages) => outbox.add(messages),
    claimMessage: async (params) => outbox.claim(params),
    settleMessage: async (params) => outbox.settle(params),
    listMessages: async ({ channel, incidentId }, page) =>
      newestFirst(
        "messages",
        outbox
          .all()
          .filter(
            (message) =>
              (channel === undefined || message.channel === channel) &&
              (incidentId === undefined || message.incidentId === incidentId),
          ),
        page,
        (message) => [message.createdAt, placeOf(message)],
      ),

    prune({ before, limit }) {
      const ended = [...incidents.values()].filter(({ closedAt }) => closedAt !== null && closedAt < before);
      const over = [...silences.values()].filter(({ until }) => until < before);
      for (const { id } of ended.slice(0, limit)) incidents.delete(id);
      const left = limit - Math.min(limit, ended.length);
      for (const { id } of over.slice(0, left)) silences.delete(id);
      const rest = left - Math.min(left, over.length);
      return limit - rest + outbox.prune({ before, limit: rest });
    },
  };
}

const keyOf = ({ kind, subject }: AlertIdentity): string => JSON.stringify([kind, subject]);
/** Orders messages that were stored together. */
const placeOf = ({ key, channel }: OutboxMessage): string => `${key} ${channel}`;

function compareAlerts(left: AlertIdentity, right: AlertIdentity): number {
  return compareText(left.kind, right.kind) || compareText(left.subject, right.subject);
}

/** Ordered by time and then by a text. */
function newestFirst<Item>(
  list: string,
  items: readonly Item[],
  page: Parameters<typeof takePage>[2],
  place: (item: Item) => readonly [number, string],
) {
  const [time, text] = decodeCursor(list, 2, page) ?? [];
  const compare = ([leftTime, leftText]: readonly [number, string], right: readonly [number, string]) =>
    right[0] - leftTime || compareText(right[1], leftText);
  const after =
    time === undefined || text === undefined
      ? items
      : items.filter((item) => compare(place(item), [Number(time), text]) > 0);
  const sorted = [...after].sort((left, right) => compare(place(left), place(right)));
  return takePage(list, sorted, page, (item) => place(item).map(String));
}
