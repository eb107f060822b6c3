import type { RecordBatch, SinkAnswer } from "../ports/record-sink.js";
import type { RecordFigures } from "../ports/sync-run.js";
import type { SettledItem, Settlement } from "../ports/sync-store.js";
import { type BatchContent, parseContent, toStoredBatch } from "./batch-content.js";
import { countOutcomes, type DerivedBatch } from "./derive-batch.js";
import { addCounts } from "./findings.js";
import type { RecordPlan } from "./record-plan.js";
import type { RunContext } from "./run-context.js";
import { sharesTransactions, writeBatch, writeBatchIn } from "./write-batch.js";

/**
 * Delivers a derived batch and settles its keys: in one transaction where the sink shares the storage's
 * database, else stored first and acknowledged after.
 */
export async function deliverBatch(
  context: RunContext,
  plan: RecordPlan,
  derived: DerivedBatch,
  batchId: string,
): Promise<void> {
  const { storage, lease, scope, sink } = context;
  const settle = { lease, scope, record: plan.record, feed: plan.driver };
  if (derived.items.length === 0) {
    await storage.settle({
      ...settle,
      batchId: null,
      settlement: { items: derived.settled, figures: derived.figures },
    });
    report(context, plan.record, derived.figures);
    return;
  }
  const batch: RecordBatch = {
    id: batchId,
    runId: lease.runId,
    credentialId: lease.credentialId,
    scope,
    record: plan.record,
    items: derived.items,
  };
  const content: BatchContent = {
    batch,
    feed: plan.driver,
    settled: derived.settled,
    warned: derived.figures.warned,
    counts: derived.figures.counts,
    isErasure: false,
  };
  if (sharesTransactions(storage, sink)) {
    let figures = derived.figures;
    await storage.settle({
      ...settle,
      batchId: null,
      settlement: async (transaction) => {
        const settlement = settlementOf(
          content,
          await writeBatchIn(sink, transaction, batch, context.signal),
        );
        figures = settlement.figures;
        return settlement;
      },
    });
    report(context, plan.record, figures);
    return;
  }
  await storage.stage({ lease, scope, batch: toStoredBatch(content) });
  await send(context, content);
}

/** Sends again what was stored and never acknowledged: byte for byte, before anything new. */
export async function resendStoredBatches(context: RunContext): Promise<void> {
  for (const stored of await context.storage.storedBatches(context.scope)) {
    await send(context, parseContent(stored));
  }
}

async function send(context: RunContext, content: BatchContent): Promise<void> {
  const { batch, feed } = content;
  const answer = await writeBatch(context.sink, batch, context.signal);
  const settlement = settlementOf(content, answer);
  await context.storage.settle({
    lease: context.lease,
    scope: context.scope,
    record: batch.record,
    feed,
    batchId: batch.id,
    settlement,
  });
  report(context, batch.record, settlement.figures);
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
    };
  });
  const { warned, counts } = content;
  return { items, figures: { ...countOutcomes(items), warned, ...addCounts(undefined, counts) } };
}

function report(context: RunContext, record: RecordPlan["record"], figures: RecordFigures): void {
  context.emit({ event: "batch:delivered", record, figures: context.figures.addRecord(record, figures) });
}
