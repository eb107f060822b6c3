import type { FeedName } from "../../feeds/feed.js";
import { countOutcomes } from "../../ledger/figures.js";
import { findingsOf } from "../../ledger/findings.js";
import type { DeliveredRecord, SettledItem } from "../../ports/delivery-store.js";
import type { BatchItem } from "../../ports/record-sink.js";
import type { NewRejection } from "../../ports/rejection-store.js";
import type { ClaimedKey } from "../../ports/work-queue.js";
import { type EntityReader, joinEntities } from "../../records/definitions/join-entities.js";
import type { RecordPlan } from "../../records/definitions/record-plan.js";
import type { MapContext } from "../../records/map-context.js";
import type { MapOutcome } from "../../records/map-outcome.js";
import type { HostRecord } from "../../records/record.js";
import { recordHash } from "../../records/record-content.js";
import type { DerivedBatch } from "../deliver/derived-batch.js";
import type { RunContext } from "../run/run-context.js";
import { findHeld, type HeldRevisions } from "./compare-sink.js";

/** One driver entity after mapping. */
type Derived =
  | { readonly kind: "gone" }
  | { readonly kind: "mapped"; readonly outcome: MapOutcome<HostRecord>; readonly payload: string };

/** Joins, maps and compares a claimed batch with what was delivered before. Changes nothing. */
export async function deriveBatch(
  context: RunContext,
  plan: RecordPlan,
  keys: readonly ClaimedKey[],
  mapping: MapContext,
): Promise<DerivedBatch> {
  const ids = keys.map((key) => key.id);
  const { storage, scope } = context;
  const [derived, delivered, held] = await Promise.all([
    joinAndMap(context, plan, ids, mapping),
    storage.findDeliveredRecords({ scope, record: plan.record, ids }),
    findHeld(context, plan, ids),
  ]);
  const deliveredById = new Map(delivered.map((record) => [record.id, record]));

  const items: BatchItem[] = [];
  const settled: SettledItem[] = [];
  for (const key of keys) {
    const result = derived.get(key.id) ?? { kind: "gone" };
    const before = stateBefore(deliveredById.get(key.id) ?? null, held, key.id);
    const { item, settlement } = decide(plan, key, result, before);
    settled.push(settlement);
    if (item !== null) items.push(item);
  }
  const outcomes = [...derived.values()].flatMap((one) => (one.kind === "mapped" ? [one.outcome] : []));
  return { items, settled, figures: { ...countOutcomes(settled), ...findingsOf(outcomes, plan.columns) } };
}

async function joinAndMap(
  context: RunContext,
  { definition }: RecordPlan,
  ids: readonly string[],
  mapping: MapContext,
): Promise<ReadonlyMap<string, Derived>> {
  const { rules } = mapping.company;
  const joined = await joinEntities(readerOf(context), context.scope, definition, ids);
  return mapEach(joined, ({ driver, joined: entities, payload, texts, removed }): Derived => {
    if (removed || definition.isLeftOut(driver as never, rules)) return { kind: "gone" };
    return { kind: "mapped", outcome: definition.map(entities as never, mapping, texts), payload };
  });
}

/** Landed entities of feeds that the company has turned off are ignored for its records. */
function readerOf({ storage, company }: RunContext): EntityReader {
  const isOff = ({ feed }: { readonly feed: FeedName }): boolean => company.feedsOff.includes(feed);
  return {
    findEntities: async (params) => (isOff(params) ? [] : await storage.findEntities(params)),
    findEntitiesByLink: async (params) => (isOff(params) ? [] : await storage.findEntitiesByLink(params)),
  };
}

function mapEach<Key, In, Out>(map: ReadonlyMap<Key, In>, change: (value: In) => Out): ReadonlyMap<Key, Out> {
  return new Map([...map].map(([key, value]) => [key, change(value)]));
}

interface Decision {
  readonly item: BatchItem | null;
  readonly settlement: SettledItem;
}

/** The delivered state of a record according to the storage and, if the run compares, to the sink. */
interface StateBefore {
  /** Whether the sink may have it. */
  readonly isThere: boolean;
  /** `null` if nothing equals what the sink has: then every derived record is delivered. */
  readonly contentHash: string | null;
  readonly minRevision: number;
}

function stateBefore(
  delivered: DeliveredRecord | null,
  held: HeldRevisions | null,
  key: string,
): StateBefore {
  const current = delivered === null || delivered.removed ? null : delivered;
  const heldRevision = held?.get(key) ?? null;
  const isAsDelivered = held === null || heldRevision === current?.revision;
  return {
    isThere: current !== null || heldRevision !== null,
    contentHash: isAsDelivered ? (current?.contentHash ?? null) : null,
    minRevision: 1 + Math.max(heldRevision ?? 0, delivered?.revision ?? 0),
  };
}

function decide(
  plan: RecordPlan,
  { revision: claimed, ...key }: ClaimedKey,
  derived: Derived,
  before: StateBefore,
): Decision {
  const revision = Math.max(claimed, before.minRevision);
  if (derived.kind === "gone") {
    if (!before.isThere) return { item: null, settlement: { ...key, outcome: "left-out" } };
    return {
      item: { op: "remove", key: key.id, revision },
      settlement: { ...key, outcome: "removed", revision },
    };
  }
  const { outcome, payload } = derived;
  if (outcome.kind === "rejected") {
    const rejection: NewRejection = {
      feed: plan.driver,
      entityId: key.id,
      stage: "record",
      rules: outcome.violations.map((violation) => violation.rule),
      message: outcome.violations.map((violation) => violation.message).join(" "),
      payload,
    };
    return { item: null, settlement: { ...key, outcome: "rejected", rejection } };
  }
  const contentHash = recordHash(outcome.record, plan.columns);
  if (before.contentHash === contentHash) {
    return { item: null, settlement: { ...key, outcome: "unchanged" } };
  }
  const record = JSON.stringify(outcome.record);
  return {
    item: { op: "upsert", key: key.id, revision, record: outcome.record },
    settlement: { ...key, outcome: "upserted", revision, contentHash, record },
  };
}
