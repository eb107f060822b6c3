import { randomUUID } from "node:crypto";
import { inTime } from "../async/in-time.js";
import { systemClock } from "../async/system-clock.js";
import { ConfigError, errorCodeOf, StorageError, TimeoutError } from "../errors.js";
import type { AlertStore, MessageOutcome } from "../ports/alert-store.js";
import type { Clock } from "../ports/clock.js";
import type { JobQueue } from "../ports/job-queue.js";
import { type Logger, silentLogger } from "../ports/logger.js";
import type { Notifier } from "../ports/notifier.js";
import { harmlessLogger } from "../progress/harmless-logger.js";
import type { RecordDefinition } from "../records/definitions/define-record.js";
import { catalogWith } from "../records/definitions/definitions.js";
import type { AlertSnapshot, PlatformMeasures } from "./alert-snapshot.js";
import { createDatabaseOutage } from "./database-outage.js";
import { createEvaluator } from "./evaluator.js";
import type { SnapshotStorage } from "./read-snapshot.js";
import { sendNext } from "./send-messages.js";
import { type AlertThresholds, defaultThresholds } from "./thresholds.js";

export interface AlertsOptions {
  readonly storage: SnapshotStorage &
    Pick<AlertStore, "readAlerts" | "commitAlertTick" | "claimMessage" | "settleMessage">;
  readonly queue: Pick<JobQueue, "stats">;
  /** Where messages go. Without any, alerts are only stored. */
  readonly notifiers: readonly Notifier[];
  /** The host's record types, as `createTitanSync` has them. @defaultValue none */
  readonly records?: readonly RecordDefinition[] | undefined;
  /** Those that differ from the defaults. */
  readonly thresholds?: Partial<AlertThresholds> | undefined;
  /**
   * A sign of life for something outside that raises the alarm when it stops. Called each minute by the process that
   * committed the minute's tick, and only while workers are alive and no message is overdue.
   */
  readonly heartbeat?: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** @defaultValue nothing can be measured */
  readonly measure?: (() => Promise<PlatformMeasures>) | undefined;
  /** The address where a person sees an incident. @defaultValue none */
  readonly linkTo?: ((incidentId: string) => string | null) | undefined;
  /** Told of each attempt to send a message. Must not throw. */
  readonly onAttempt?: ((channel: string, outcome: MessageOutcome["kind"]) => void) | undefined;
  /** Told of what a tick has seen that this process committed. Must not throw. */
  readonly onTick?: ((snapshot: AlertSnapshot) => void) | undefined;
  /** @defaultValue the system clock */
  readonly clock?: Clock | undefined;
  /** @defaultValue {@link silentLogger} */
  readonly logger?: Logger | undefined;
  /** @defaultValue random UUIDs */
  readonly newId?: (() => string) | undefined;
  /** From 0 to 1. @defaultValue `Math.random` */
  readonly random?: (() => number) | undefined;
}

/** Looks for alerts and sends messages about them, until it is closed. */
export interface Alerts extends AsyncDisposable {
  /**
   * Evaluates all rules, unless some process did in this minute. Happens by itself each minute.
   * @returns whether this process committed the minute's tick.
   * @throws {@link StorageError} when the database fails; nothing is lost.
   */
  tick(): Promise<boolean>;
  /** Sends everything that waits. Happens by itself every few seconds. */
  send(): Promise<void>;
  /** Ends after what is in progress. May be called twice. */
  close(): Promise<void>;
}

const minuteMs = 60_000;
/** How long after a minute's beginning processes try to be the one that commits its tick: they rarely do it together. */
const spreadMs = 15_000;
const againMs = 5_000;
const tickLimitMs = 45_000;
const sendEveryMs = 5_000;

/**
 * Watches over all credentials and the platform. Start it in every process that schedules or works: one of them commits
 * the tick of each minute, and each message is sent by one of them, at least once.
 * @throws {@link ConfigError} when two notifiers have the same channel.
 *
 * @example
 * const alerts = startAlerts({ storage, queue, notifiers: [{ channel: "pager", send: (message) => page(message.body) }] });
 */
export function startAlerts(options: AlertsOptions): Alerts {
  const { storage, notifiers, clock = systemClock, newId = randomUUID, random = Math.random } = options;
  requireOwnNames(notifiers);
  const logger = harmlessLogger(options.logger ?? silentLogger);
  const thresholds = { ...defaultThresholds, ...options.thresholds };
  const stop = new AbortController();
  const { signal } = stop;
  const evaluator = createEvaluator({
    ...{ storage, queue: options.queue, clock, thresholds, newId },
    catalog: catalogWith(options.records ?? []),
    channels: notifiers.map(({ channel, level = 0 }) => ({ channel, level })),
    linkTo: options.linkTo ?? (() => null),
    measure: options.measure ?? (async () => ({ freeShare: null, keyAgeMs: null })),
  });
  const afterMs = thresholds.databaseMs;
  const outage = createDatabaseOutage({ notifiers, clock, logger, afterMs, id: newId() });
  const sending = { storage, clock, logger, onAttempt: options.onAttempt };

  async function tick(): Promise<boolean> {
    const late = () => new TimeoutError("The database did not answer in time.");
    try {
      const snapshot = await inTime((limit) => evaluator.tick(limit), {
        ...{ clock, ms: tickLimitMs, late, signal },
      });
      await outage.answered(signal);
      if (snapshot === null) return false;
      options.onTick?.(snapshot);
      await giveSign(snapshot);
      return true;
    } catch (error) {
      if (isOutage(error) && !signal.aborted) await outage.failed(signal);
      throw error;
    }
  }

  async function giveSign({ workers, channels }: AlertSnapshot): Promise<void> {
    const works = workers.some(({ isClosing, silentMs }) => !isClosing && silentMs < thresholds.noWorkerMs);
    const isOverdue = channels.some(
      ({ oldestWaitingMs, givenUp }) => givenUp > 0 || (oldestWaitingMs ?? 0) >= thresholds.deliveryMs,
    );
    if (!works || isOverdue || options.heartbeat === undefined) return;
    try {
      const { heartbeat } = options;
      const late = () => new TimeoutError("The heartbeat was not taken in time.");
      await inTime((limit) => heartbeat(limit), { clock, ms: 10_000, late, signal });
    } catch (error) {
      logger.warn({ code: errorCodeOf(error) }, "the heartbeat could not be sent");
    }
  }

  async function pause(ms: number): Promise<void> {
    await clock.sleep(ms, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  async function keepTicking(): Promise<void> {
    while (!signal.aborted) {
      try {
        await tick();
        const now = clock.now();
        await pause(minuteMs - (now % minuteMs) + Math.floor(random() * spreadMs));
      } catch (error) {
        if (!signal.aborted) logger.error({ code: errorCodeOf(error) }, "the alerts could not be evaluated");
        await pause(againMs);
      }
    }
  }

  async function keepSending(notifier: Notifier): Promise<void> {
    while (!signal.aborted) {
      try {
        if (!(await sendNext(notifier, sending, signal))) await pause(sendEveryMs);
      } catch (error) {
        const { channel } = notifier;
        if (!signal.aborted)
          logger.error({ channel, code: errorCodeOf(error) }, "messages could not be read");
        await pause(sendEveryMs);
      }
    }
  }

  const working = Promise.all([keepTicking(), ...notifiers.map(keepSending)]);
  working.catch((error: unknown) => {
    logger.error({ code: errorCodeOf(error) }, "the alerts stopped because of a defect");
  });

  async function close(): Promise<void> {
    stop.abort();
    await working.catch(() => undefined);
  }

  return {
    tick,
    async send() {
      for (const notifier of notifiers) while (await sendNext(notifier, sending, signal));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function isOutage(error: unknown): boolean {
  return error instanceof StorageError || error instanceof TimeoutError;
}

function requireOwnNames(notifiers: readonly Notifier[]): void {
  const names = notifiers.map(({ channel }) => channel);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new ConfigError(`Two notifiers have the channel ${JSON.stringify(twice)}.`, {
    hint: "Give each its own name.",
  });
}
