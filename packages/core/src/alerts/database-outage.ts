import { isoTime } from "../json/iso-time.js";
import type { Clock } from "../ports/clock.js";
import type { Logger } from "../ports/logger.js";
import type { Notifier } from "../ports/notifier.js";
import { adviceOf, problemOf } from "./alert-kinds.js";
import { type AlertMessage, type AlertMessageType, durationText } from "./alert-message.js";
import { sendInTime } from "./send-messages.js";

export interface OutageOptions {
  readonly notifiers: readonly Notifier[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long the database may not answer before somebody is told, in milliseconds. */
  readonly afterMs: number;
  /** Tells apart the messages of different processes. */
  readonly id: string;
}

/**
 * Tells that the database does not answer, which no outbox can: sent directly, and limited in memory to one message for
 * each outage, one each day that it lasts, and one when it is over. Each process that uses the database does so.
 */
export interface DatabaseOutage {
  /** The database did not answer. Sends what is due; what cannot be sent is tried again by the next call. */
  failed(signal: AbortSignal): Promise<void>;
  /** It answered. */
  answered(signal: AbortSignal): Promise<void>;
}

const dayMs = 86_400_000;
const kind = "database-unreachable";

interface Outage {
  readonly since: number;
  /** What was told, to whom: the keys of messages. */
  readonly told: Map<string, Set<string>>;
}

interface Step {
  readonly type: AlertMessageType;
  readonly number: number;
  readonly to: readonly Notifier[];
  readonly at: number;
  readonly signal: AbortSignal;
}

/** The channels that took the first message of a type. */
function whoKnows({ told }: Outage, type: AlertMessageType): ReadonlySet<string> {
  return told.get(`${type}0`) ?? new Set();
}

export function createDatabaseOutage({
  notifiers,
  clock,
  logger,
  afterMs,
  id,
}: OutageOptions): DatabaseOutage {
  let outage: Outage | null = null;
  /** Outages that are over, and of which not everybody who was told of them knows that. */
  let over: readonly (Outage & { readonly until: number })[] = [];
  const everybody = notifiers.filter(({ level = 0 }) => level === 0);

  async function tell({ since, told }: Outage, step: Step): Promise<void> {
    const { type, number, to, at, signal } = step;
    const key = `${id}_${since}_${type}${number === 0 ? "" : `_${number}`}`;
    const known = told.get(type + number) ?? new Set();
    told.set(type + number, known);
    const body = JSON.stringify(messageOf({ key, type, since, at }));
    for (const notifier of to) {
      if (known.has(notifier.channel)) continue;
      try {
        await sendInTime(notifier, { key, body, createdAt: at }, clock, signal);
        known.add(notifier.channel);
      } catch {
        logger.warn(
          { channel: notifier.channel, key },
          "a message about the database could not be delivered",
        );
      }
    }
  }

  async function tellOver(signal: AbortSignal): Promise<void> {
    for (const past of over) {
      const to = everybody.filter(({ channel }) => whoKnows(past, "firing").has(channel));
      await tell(past, { type: "recovered", number: 0, to, at: past.until, signal });
    }
    over = over.filter((past) => whoKnows(past, "recovered").size < whoKnows(past, "firing").size);
  }

  return {
    async failed(signal) {
      outage ??= { since: clock.now(), told: new Map() };
      const at = clock.now();
      if (at - outage.since < afterMs) return;
      const days = Math.floor((at - outage.since) / dayMs);
      const type = days === 0 ? "firing" : "reminder";
      await tell(outage, { type, number: days, to: everybody, at, signal });
    },

    async answered(signal) {
      if (outage !== null) {
        if (outage.told.size > 0) over = [...over, { ...outage, until: clock.now() }];
        outage = null;
      }
      await tellOver(signal);
    },
  };
}

interface MessageParams {
  readonly key: string;
  readonly type: AlertMessageType;
  readonly since: number;
  readonly at: number;
}

function messageOf({ key, type, since, at }: MessageParams): AlertMessage {
  const problem = problemOf(kind, kind);
  const title = problem.slice(0, 1).toUpperCase() + problem.slice(1);
  const prefixes: Partial<Record<AlertMessageType, string>> = {
    reminder: `Still so after ${durationText(at - since)}: ${title}`,
    recovered: `Over after ${durationText(at - since)}: ${title}`,
  };
  return {
    ...{ key, type, incidentId: null, kind, severity: "critical", lines: [], companies: [], affected: 0 },
    title: prefixes[type] ?? title,
    advice: type === "recovered" ? "" : adviceOf(kind),
    link: null,
    since: isoTime(since),
    at: isoTime(at),
  };
}
