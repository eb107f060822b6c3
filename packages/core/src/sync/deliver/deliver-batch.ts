import { SinkTimeoutError } from "../../errors.js";
import { countOutcomes, noRecordFigures } from "../../ledger/figures.js";
import { addCounts } from "../../ledger/findings.js";
import type { SettledItem, Settlement, StagedBatch } from "../../ports/delivery-store.js";
import type { SinkAnswer } from "../../ports/record-sink.js";
import type { RecordFigures } from "../../ports/sync-run.js";
import type { RecordPlan } from "../../records/definitions/record-plan.js";
import type { RunContext } from "../run/run-context.js";
import { sharesTransactions } from "../run/shares-transactions.js";
import { type BatchContent, parseContent, toStoredBatch } from "./batch-content.js";
import type { DerivedBatch } from "./derived-batch.js";

/** After this many consecutive failed batches, the sink counts as down. */
const maxConsecutiveFailures = 2;
/** With this many kept batches, no others are tried. */
const maxKeptBatches = 10;

/** Brings one record type's batches to the sink, for one run. */
export interface Delivery {
  /**
   * Sends stored, unacknowledged batches again, byte for byte. A batch that fails again stays stored, and its keys are
   * claimed, so that nothing newer overtakes it.
   * @throws when the sink is down, or when too many batches are waiting.
   */
  resend(): Promise<void>;
  /**
   * Delivers a derived batch and settles its keys: in one transaction if the sink shares the storage's
   * database, otherwise stored first and acknowledged afterwards. A failed batch affects only itself: its
   * keys stay claimed, and it is stored and sent again.
   * @throws when the sink is down.
   */
  deliver(derived: DerivedBatch, batchId: string): Promise<void>;
  /** Whether a record waits in a batch that the sink did not accept: nothing newer of it may be sent. */
  holds(key: string): boolean;
  /** The errors of failed batches; the sink accepted the others. */
  readonly failures: readonly unknown[];
}

export function createDelivery(context: RunContext, plan: RecordPlan): Delivery {
  const { storage, lease, scope, sink, writer, signal } = context;
  const { record, driver: feed } = plan;
  const settle = { lease, scope, record, feed };
  const failures: unknown[] = [];
  const held = new Set<string>();
  let failuresInARow = 0;

  /** Whether the sink accepted it. @throws any error that is not the sink's. */
  async function attempt({ batch }: BatchContent, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      failuresInARow = 0;
      return true;
    } catch (error) {
      if (!writer.isFailure(error)) throw error;
      failures.push(error);
      for (const { key } of batch.items) held.add(key);
      failuresInARow += 1;
      // Waiting for a sink that does not respond takes long.
      if (error instanceof SinkTimeoutError) throw error;
      return false;
    }
  }

  async function send(content: BatchContent): Promise<void> {
    const answer = await writer.write(content.batch, signal);
    const settlement = settlementOf(content, answer);
    await storage.settleKeys({ ...settle, batchId: content.batch.id, settlement });
    report(context, record, settlement.figures);
  }

  async function deliverInTransaction(content: BatchContent): Promise<void> {
    let figures = noRecordFigures;
    await storage.settleKeys({
      ...settle,
      batchId: null,
      settlement: async (transaction, attemptPart) => {
        const answer = await writer.writeIn(transaction, attemptPart, content.batch, signal);
        const settlement = settlementOf(content, answer);
        figures = settlement.figures;
        return settlement;
      },
    });
    report(context, record, figures);
  }

  return {
    failures,
    holds: (key) => held.has(key),

    async resend() {
      const stored = (await storage.listStagedBatches(scope)).filter((batch) => batch.record === record);
      const kept: StagedBatch[] = [];
      for (const batch of stored) {
        const content = parseContent(batch);
        // A sink that is slow to fail would make the others wait as well.
        const isTaken = await attempt(content, () =>
          kept.length === 0 ? writer.repeat(() => send(content), signal) : send(content),
        );
        if (isTaken) continue;
        kept.push(batch);
        await storage.stageBatch({ lease, scope, batch, feed, ids: content.settled.map((item) => item.id) });
      }
      if (kept.length >= maxKeptBatches) throw failures.at(-1);
      failuresInARow = Math.min(failuresInARow, maxConsecutiveFailures - 1);
    },

    async deliver(derived, batchId) {
      if (derived.items.length === 0) {
        await storage.settleKeys({
          ...settle,
          batchId: null,
          settlement: { items: derived.settled, figures: derived.figures },
        });
        report(context, record, derived.figures);
        return;
      }
      const content = contentOf(context, plan, derived, batchId);
      const isTaken = await attempt(content, async () => {
        if (sharesTransactions(storage, sink)) {
          await writer.repeat(() => deliverInTransaction(content), signal);
        } else {
          await storage.stageBatch({ lease, scope, batch: toStoredBatch(content), feed, ids: [] });
          await writer.repeat(() => send(content), signal);
        }
      });
      if (!isTaken && failuresInARow >= maxConsecutiveFailures) throw failures.at(-1);
    },
  };
}

function contentOf(
  { lease, scope }: RunContext,
  plan: RecordPlan,
  derived: DerivedBatch,
  batchId: string,
): BatchContent {
  return {
    batch: {
      id: batchId,
      runId: lease.runId,
      credentialId: lease.credentialId,
      scope,
      record: plan.record,
      items: derived.items,
    },
    feed: plan.driver,
    settled: derived.settled,
    warned: derived.figures.warned,
    counts: derived.figures.counts,
    isErasure: false,
  };
}

/** Items that the sink refused become rejections. */
function settlementOf(content: BatchContent, answer: SinkAnswer): Settlement {
  const reasons = new Map(answer.rejected.map(({ key, reason }) => [key, reason]));
  const items = content.settled.map((item): SettledItem => {
    const reason = reasons.get(item.id);
    if (reason === undefined || (item.outcome !== "upserted" && item.outcome !== "removed")) return item;
    return {
      id: item.id,
      sequence: item.sequence,
      outcome: "rejected",
      rejection: {
        feed: content.feed,
        entityId: item.id,
        stage: "sink",
        rules: ["sink"],
        message: reason,
        payload: item.outcome === "upserted" ? item.record : null,
      },
      // A removed record that the sink still has must not stay there because nothing changes.
      staysPending: item.outcome === "removed",
    };
  });
  const { warned, counts } = content;
  return { items, figures: { ...countOutcomes(items), warned, ...addCounts(undefined, counts) } };
}

function report(context: RunContext, record: RecordPlan["record"], figures: RecordFigures): void {
  context.emit({ event: "batch:delivered", record, figures: context.figures.addRecord(record, figures) });
}
