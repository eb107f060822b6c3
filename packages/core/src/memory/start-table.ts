import { outageAt } from "../ledger/outage.js";
import { settleEntries } from "../ledger/settle-entries.js";
import { decodeCursor } from "../paging/page-cursor.js";
import type { StoredCredentialState } from "../ports/credential-state.js";
import type { StoredSchedule } from "../ports/schedule-store.js";
import type {
  CatchUp,
  ClaimedStarts,
  Outage,
  StartDecision,
  StartLedger,
  StartLedgerEntry,
  StoredStart,
} from "../ports/start-ledger.js";
import { compareText } from "./compare-ids.js";
import { MemoryTransaction } from "./memory-transaction.js";
import { takePage } from "./paging.js";

export interface MemoryStarts extends StartLedger {
  record(owner: Owner, entries: readonly StartLedgerEntry[]): readonly StoredStart[];
  /** A schedule that is saved gives up its catch-up. */
  forgetCatchUp(credentialId: string): void;
  /** Deletes the entries of a credential that is removed. */
  forget(credentialId: string): void;
  /** Deletes at most `limit` entries that were written before a time, the oldest first. */
  prune(step: { readonly before: number; readonly limit: number }): number;
}

type ClaimParams = Parameters<StartLedger["claimDueStarts"]>[0];
type Owner = Pick<StoredSchedule, "credentialId" | "companyId">;

export interface MemoryStartsOptions {
  readonly schedules: () => readonly StoredSchedule[];
  readonly put: (schedule: StoredSchedule) => void;
  readonly stateOf: (credentialId: string) => StoredCredentialState | null;
}

/** The start ledger, and when a scheduler last gave a sign. */
export function memoryStarts({ schedules, put, stateOf }: MemoryStartsOptions): MemoryStarts {
  const ledger = new Map<string, Map<number, StoredStart>>();
  const catchUps = new Map<string, CatchUp>();
  const enqueuedAt = new Map<string, number>();
  let lastTick: number | null = null;
  let outage: Outage | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  const dueAt = ({ credentialId, nextRunAt }: StoredSchedule): number =>
    Math.min(
      nextRunAt ?? Number.POSITIVE_INFINITY,
      catchUps.get(credentialId)?.runAt ?? Number.POSITIVE_INFINITY,
    );

  function record(
    { credentialId, companyId }: Owner,
    entries: readonly StartLedgerEntry[],
  ): readonly StoredStart[] {
    const own = ledger.get(credentialId) ?? new Map<number, StoredStart>();
    ledger.set(credentialId, own);
    const added = entries.filter(({ nominalAt }) => !own.has(nominalAt));
    return added.map((entry) => {
      const stored = { ...entry, credentialId, companyId };
      own.set(entry.nominalAt, stored);
      return stored;
    });
  }

  /** @returns what was recorded; nothing when somebody changed the schedule while the queue took the job. */
  async function carryOut(
    schedule: StoredSchedule,
    decision: StartDecision,
    { at, enqueue }: Pick<ClaimParams, "at" | "enqueue">,
  ): Promise<readonly StoredStart[]> {
    const { credentialId, revision } = schedule;
    const { job, next, decidedUntil, catchUp } = decision;
    const transaction = new MemoryTransaction();
    const enqueued = job === null ? null : await enqueue(job, transaction);
    const current = schedules().find((other) => other.credentialId === credentialId);
    if (current?.revision !== revision) {
      transaction.rollback();
      return [];
    }
    transaction.commit();
    put({
      ...schedule,
      decidedUntil,
      nextNominalAt: next?.nominalAt ?? null,
      nextRunAt: next?.runAt ?? null,
    });
    if (catchUp === null) catchUps.delete(credentialId);
    else catchUps.set(credentialId, catchUp);
    if (enqueued?.outcome === "queued") enqueuedAt.set(credentialId, at);
    return record(schedule, settleEntries(decision, enqueued));
  }

  async function claim(params: ClaimParams): Promise<ClaimedStarts> {
    const { at, limit, maxPerMinute, outageAfterMs, decide, enqueue } = params;
    outage = outageAt({ at, lastTick, outage, outageAfterMs });
    lastTick = Math.max(at, lastTick ?? at);
    const recent = [...enqueuedAt.values()].filter((time) => time > at - 60_000).length;
    const due = schedules()
      .filter((schedule) => schedule.enabled && dueAt(schedule) <= at)
      .sort((left, right) => dueAt(left) - dueAt(right) || compareText(left.credentialId, right.credentialId))
      .slice(0, Math.max(0, Math.min(limit, maxPerMinute - recent)));
    const entries: StoredStart[] = [];
    for (const schedule of due) {
      const { credentialId } = schedule;
      const state = stateOf(credentialId);
      if (state === null) continue;
      const catchUp = catchUps.get(credentialId) ?? null;
      const decision = decide({ schedule, catchUp, state }, outage);
      entries.push(...(await carryOut(schedule, decision, { at, enqueue })));
    }
    return { entries, schedules: due.length };
  }

  return {
    record,
    forgetCatchUp: (credentialId) => void catchUps.delete(credentialId),
    forget(credentialId) {
      ledger.delete(credentialId);
      catchUps.delete(credentialId);
      enqueuedAt.delete(credentialId);
    },

    async claimDueStarts(params) {
      const claimed = turn.then(() => claim(params));
      turn = claimed.catch(() => undefined);
      return await claimed;
    },

    async listStarts({ credentialId }, page) {
      const [after] = decodeCursor("starts", 1, page) ?? [];
      const listed = [...(ledger.get(credentialId)?.values() ?? [])]
        .filter(({ nominalAt }) => after === undefined || nominalAt < Number(after))
        .sort((left, right) => right.nominalAt - left.nominalAt);
      return takePage("starts", listed, page, ({ nominalAt }) => [String(nominalAt)]);
    },

    findLastTick: async () => lastTick,

    prune({ before, limit }) {
      const old = [...ledger.values()]
        .flatMap((own) => [...own.values()])
        .filter(({ decidedAt }) => decidedAt < before)
        .sort((left, right) => left.decidedAt - right.decidedAt)
        .slice(0, limit);
      for (const { credentialId, nominalAt } of old) ledger.get(credentialId)?.delete(nominalAt);
      return old.length;
    },
  };
}
