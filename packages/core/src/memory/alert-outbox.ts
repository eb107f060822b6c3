import { randomUUID } from "node:crypto";
import type {
  AlertStore,
  ChannelHealth,
  ClaimedMessage,
  OutboxMessage,
  StoredMessage,
} from "../ports/alert-store.js";
import type { Clock } from "../ports/clock.js";
import type { PruneStep } from "../ports/retention-store.js";

interface Row extends StoredMessage {
  readonly availableAt: number;
  readonly claimId: string | null;
  readonly claimedUntil: number;
}

/** Messages in the order in which they were stored. */
export function createOutbox(clock: Clock) {
  const rows = new Map<string, Row>();
  const idOf = ({ key, channel }: Pick<OutboxMessage, "key" | "channel">): string =>
    JSON.stringify([key, channel]);
  const isWaiting = ({ sentAt, givenUpAt }: Row): boolean => sentAt === null && givenUpAt === null;

  function add(messages: readonly OutboxMessage[]): void {
    const createdAt = clock.now();
    for (const { key, channel, incidentId, body } of messages) {
      if (rows.has(idOf({ key, channel }))) continue;
      rows.set(idOf({ key, channel }), {
        ...{ key, channel, incidentId, body, createdAt },
        attempts: 0,
        availableAt: createdAt,
        claimId: null,
        claimedUntil: 0,
        sentAt: null,
        givenUpAt: null,
        errorCode: null,
      });
    }
  }

  /** Whether an earlier message of the same incident waits for the same channel. */
  function isHeldBack(row: Row): boolean {
    if (row.incidentId === null) return false;
    for (const other of rows.values()) {
      if (other === row) return false;
      if (other.channel === row.channel && other.incidentId === row.incidentId && isWaiting(other))
        return true;
    }
    return false;
  }

  function claim({ channels, claimMs }: Parameters<AlertStore["claimMessage"]>[0]): ClaimedMessage | null {
    const now = clock.now();
    for (const [id, row] of rows) {
      const isFree = row.availableAt <= now && row.claimedUntil <= now;
      if (!isWaiting(row) || !isFree || !channels.includes(row.channel) || isHeldBack(row)) continue;
      const claimId = randomUUID();
      rows.set(id, { ...row, claimId, claimedUntil: now + claimMs });
      const { key, channel, incidentId, body, attempts, createdAt } = row;
      return { key, channel, incidentId, body, attempts, createdAt, claimId };
    }
    return null;
  }

  function settle({ claimId, outcome }: Parameters<AlertStore["settleMessage"]>[0]): boolean {
    const now = clock.now();
    for (const [id, row] of rows) {
      if (row.claimId !== claimId) continue;
      const free = { ...row, claimId: null, claimedUntil: 0 };
      if (outcome.kind === "sent") rows.set(id, { ...free, sentAt: now });
      else {
        const { code: errorCode } = outcome;
        const failed = { ...free, attempts: row.attempts + 1, errorCode };
        rows.set(
          id,
          outcome.kind === "given-up"
            ? { ...failed, givenUpAt: now }
            : { ...failed, availableAt: now + outcome.afterMs },
        );
      }
      return true;
    }
    return false;
  }

  function health(): readonly ChannelHealth[] {
    const now = clock.now();
    return [...new Set([...rows.values()].map(({ channel }) => channel))].sort().map((channel) => {
      const own = [...rows.values()].filter((row) => row.channel === channel);
      const waiting = own.filter(isWaiting).map(({ createdAt }) => createdAt);
      const lastSent = Math.max(...own.map(({ sentAt }) => sentAt ?? Number.NEGATIVE_INFINITY));
      return {
        channel,
        oldestWaitingMs: waiting.length === 0 ? null : now - Math.min(...waiting),
        givenUp: own.filter(({ givenUpAt }) => givenUpAt !== null && givenUpAt > lastSent).length,
      };
    });
  }

  return {
    add,
    claim,
    settle,
    health,
    all: (): readonly StoredMessage[] =>
      [...rows.values()].map(
        ({ key, channel, incidentId, body, createdAt, attempts, sentAt, givenUpAt, errorCode }) => ({
          ...{ key, channel, incidentId, body, createdAt, attempts, sentAt, givenUpAt, errorCode },
        }),
      ),
    prune({ before, limit }: PruneStep): number {
      const old = [...rows.entries()].filter(([, row]) => row.createdAt < before).slice(0, limit);
      for (const [id] of old) rows.delete(id);
      return old.length;
    },
  };
}
