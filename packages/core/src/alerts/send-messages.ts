import { inTime } from "../async/in-time.js";
import { errorCodeOf, TimeoutError, TitanSyncError } from "../errors.js";
import type { AlertStore, ClaimedMessage, MessageOutcome } from "../ports/alert-store.js";
import type { Clock } from "../ports/clock.js";
import type { Logger } from "../ports/logger.js";
import type { Notifier } from "../ports/notifier.js";

export interface SendOptions {
  readonly storage: Pick<AlertStore, "claimMessage" | "settleMessage">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of each attempt, for metrics. */
  readonly onAttempt?: ((channel: string, outcome: MessageOutcome["kind"]) => void) | undefined;
}

const minuteMs = 60_000;
/** Five attempts within an hour: so long after each that failed. */
const restsMs: readonly number[] = [minuteMs, 5 * minuteMs, 15 * minuteMs, 39 * minuteMs];
const sendMs = 15_000;
/** Longer than a message may take, so that a living sender never loses its claim. */
const claimMs = 60_000;

/**
 * Sends the next message that waits for a channel, outside of any transaction. A sender that dies leaves it to the next
 * one once its claim has ended: the same key, the same body.
 * @returns whether there was one.
 * @throws what the storage throws, and {@link AbortedError}; the message is then sent again.
 */
export async function sendNext(
  notifier: Notifier,
  options: SendOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const { storage, logger } = options;
  const { channel } = notifier;
  const message = await storage.claimMessage({ channels: [channel], claimMs });
  if (message === null) return false;
  const outcome = await attempt(notifier, message, options, signal);
  if (outcome.kind !== "sent") {
    const { key, attempts } = message;
    const facts = { channel, key, code: outcome.code, attempts: attempts + 1 };
    if (outcome.kind === "given-up") logger.error(facts, "a message about an alert was given up");
    else logger.warn(facts, "a message about an alert could not be delivered, trying again");
  }
  await storage.settleMessage({ claimId: message.claimId, outcome });
  options.onAttempt?.(channel, outcome.kind);
  return true;
}

async function attempt(
  notifier: Notifier,
  message: ClaimedMessage,
  { clock }: SendOptions,
  signal: AbortSignal,
): Promise<MessageOutcome> {
  try {
    const { key, body, createdAt } = message;
    await sendInTime(notifier, { key, body, createdAt }, clock, signal);
    return { kind: "sent" };
  } catch (error) {
    if (signal.aborted) throw error;
    const code = errorCodeOf(error) ?? "UNKNOWN";
    const afterMs = restsMs[message.attempts];
    const isHopeless = TitanSyncError.is(error) && !error.retryable;
    return afterMs === undefined || isHopeless
      ? { kind: "given-up", code }
      : { kind: "again", afterMs, code };
  }
}

/** @throws what the notifier throws, {@link TimeoutError} when it takes too long. */
export async function sendInTime(
  notifier: Notifier,
  message: Parameters<Notifier["send"]>[0],
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  await inTime((limit) => notifier.send(message, { signal: limit }), {
    clock,
    ms: sendMs,
    late: () => new TimeoutError(`The channel ${notifier.channel} did not take a message in time.`),
    signal,
  });
}
