import {
  type Clock,
  type RecordBatch,
  RecordRefusedError,
  type RecordSinkObject,
  type SyncRequest,
} from "@titan-sync/core";
import { expect } from "vitest";
import { createSlicer, sliceMs } from "../../test/sync/sliced-run.js";
import { createWorld, type Stores, type World } from "../../test/sync/world.js";
import type { Dice } from "./campaign.js";

type Feed = "customers" | "invoices" | "jobs" | "memberships";

type Step =
  | { readonly kind: "edit"; readonly feed: Feed; readonly place: number; readonly text: string | null }
  | { readonly kind: "delete"; readonly feed: Feed; readonly place: number }
  | { readonly kind: "sink"; readonly isDown: boolean; readonly refuses: string | null }
  /** Paused after this many requests and writes; `null` goes on to its end. */
  | { readonly kind: "sync"; readonly request: Partial<SyncRequest>; readonly afterSteps: number | null }
  | { readonly kind: "replay" };

export interface PruneScenario {
  readonly seed: number;
  readonly batchSize: number;
  readonly steps: readonly Step[];
  /** Of the steps behind which everything is pruned. */
  readonly prunedAfter: readonly number[];
  readonly last: Partial<SyncRequest>;
}

const maxSleepMs = 20;
const minDeadlineMs = 10_000;

const everything = {
  runsOlderThanMs: 0,
  idleRunsOlderThanMs: 0,
  pausesOlderThanMs: 0,
  rejectionsOlderThanMs: 0,
  auditOlderThanMs: 0,
};

const requests: [Partial<SyncRequest>, ...Partial<SyncRequest>[]] = [
  { data: "both", fresh: true },
  { data: "customers", fresh: true },
  { data: "invoices" },
  { data: "both", mode: "full", allowRemovals: true },
  { data: "both", rederive: true },
  { data: "both", from: "2021-01-01", by: "modified" },
];

const lasts: [Partial<SyncRequest>, ...Partial<SyncRequest>[]] = [
  { data: "both", fresh: true },
  { data: "both", mode: "full", allowRemovals: true },
];

export function rollPruneScenario(dice: Dice): PruneScenario {
  const feed = () => dice.pick<Feed>(["customers", "invoices", "jobs", "memberships"]);
  const roll = (): Step => {
    const kind = dice.integer(1, 10);
    if (kind <= 3) {
      const text = dice.integer(1, 3) === 1 ? null : `Changed ${dice.integer(1, 99)}`;
      return { kind: "edit", feed: feed(), place: dice.integer(0, 200), text };
    }
    if (kind === 4) return { kind: "delete", feed: feed(), place: dice.integer(0, 200) };
    if (kind === 5) return { kind: "replay" };
    if (kind === 6) {
      const refuses = dice.integer(1, 2) === 1 ? String(dice.integer(0, 9)) : null;
      return { kind: "sink", isDown: dice.integer(1, 3) === 1, refuses };
    }
    const afterSteps = dice.integer(1, 2) === 1 ? dice.integer(1, 60) : null;
    return { kind: "sync", request: dice.pick(requests), afterSteps };
  };
  const rolled = Array.from({ length: dice.integer(3, 10) }, roll);
  const steps = comparable(rolled);
  return {
    seed: dice.integer(1, 1_000_000),
    batchSize: dice.integer(3, 40),
    steps,
    prunedAfter: steps.map((_, index) => index).filter(() => dice.integer(1, 2) === 1),
    last: dice.pick(lasts),
  };
}

/**
 * How far a paused run has come is random, and differs between twins whatever is pruned: one has landed a
 * row that disappears after the pause, or delivered a record that is rejected from then on, and the other
 * has not. So nothing disappears after a pause, and no record that a pause could have delayed becomes
 * invalid.
 */
function comparable(steps: readonly Step[]): readonly Step[] {
  const paused = steps.findIndex((step) => step.kind === "sync" && step.afterSteps !== null);
  if (paused < 0) return steps;
  return steps.flatMap((step, index): readonly Step[] => {
    if (step.kind === "delete") return index < paused ? [step] : [];
    if (step.kind === "edit" && step.text === null) return [{ ...step, text: "Changed" }];
    if (step.kind === "sink") return [{ ...step, refuses: null }];
    return [step];
  });
}

/** Whatever was pruned on the way, the next sync ends with what it would have given without that. */
export async function checkPruning(open: () => Promise<Stores>, scenario: PruneScenario): Promise<void> {
  const kept = await play(open, { ...scenario, prunedAfter: [] });
  const pruned = await play(open, scenario);
  expect(pruned).toEqual(kept);
}

async function play(open: () => Promise<Stores>, scenario: PruneScenario) {
  const stores = await open();
  const slicer = createSlicer();
  const sink = moodySink(stores);
  const world = await createWorld(stores, {
    tenant: { customers: 25, invoices: 40 },
    simulator: { seed: scenario.seed, exportPageSize: 20 },
    titan: { clock: impatient(slicer.clock), batchSize: scenario.batchSize, sink: sink.object },
    beforeRequest: slicer.step,
  });
  try {
    for (const [index, step] of scenario.steps.entries()) {
      await take(world, slicer, sink, step);
      if (scenario.prunedAfter.includes(index)) await world.titan.prune(everything);
    }
    sink.state.isDown = false;
    slicer.next({ how: "pause", afterSteps: Number.POSITIVE_INFINITY });
    const { status, error } = await world.sync(scenario.last);
    return { status, error, ...(await outcomeOf(world)) };
  } finally {
    await world.titan.close();
  }
}

/** Shortens waits for a sink that is down; deadlines and heartbeats end with their work. */
function impatient(clock: Clock): Clock {
  return {
    ...clock,
    async sleep(ms, signal) {
      if (ms === sliceMs || ms < minDeadlineMs) {
        return await clock.sleep(ms === sliceMs ? ms : Math.min(ms, maxSleepMs), signal);
      }
      signal?.throwIfAborted();
      return await new Promise((_, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    },
  };
}

async function take(
  world: World,
  slicer: ReturnType<typeof createSlicer>,
  { state }: ReturnType<typeof moodySink>,
  step: Step,
): Promise<void> {
  slicer.next({ how: "pause", afterSteps: Number.POSITIVE_INFINITY });
  switch (step.kind) {
    case "sink":
      Object.assign(state, { isDown: step.isDown, refuses: step.refuses });
      return;
    case "replay":
      await (await world.titan.rejections.replay({ credentialId: world.credentialId })).result;
      return;
    case "sync":
      if (step.afterSteps === null) await world.sync(step.request);
      else {
        slicer.next({ how: "pause", afterSteps: step.afterSteps });
        await world.syncOn(slicer.wrap(world.storage), { ...step.request, stopAfterMs: sliceMs });
      }
      return;
    default:
      change(world, step);
  }
}

function change({ simulator, tenantId }: World, step: Extract<Step, { kind: "edit" | "delete" }>): void {
  const { feed } = step;
  const rows = simulator.rows(tenantId, feed);
  const id = rows[step.place % Math.max(1, rows.length)]?.id;
  if (id === undefined) return;
  if (step.kind === "delete") simulator.mutate(tenantId, { kind: "delete", feed, id });
  // Without its name a customer's record is rejected, and without a status a membership's.
  else if (feed === "customers")
    simulator.mutate(tenantId, { kind: "edit", feed, id, set: { name: step.text } });
  else if (feed === "memberships")
    simulator.mutate(tenantId, { kind: "edit", feed, id, set: { status: step.text ?? "Expired" } });
  else simulator.mutate(tenantId, { kind: "edit", feed, id, set: { summary: step.text } });
}

/** A sink that is down, or refuses every record whose key ends with a certain digit. */
function moodySink({ sink }: Stores) {
  const inner: RecordSinkObject = typeof sink === "function" ? { write: sink } : sink;
  const { writeIn } = inner;
  const state: { isDown: boolean; refuses: string | null } = { isDown: false, refuses: null };
  const isRefused = ({ key, op }: RecordBatch["items"][number]): boolean =>
    op === "upsert" && state.refuses !== null && key.endsWith(state.refuses);
  const requireUp = (): void => {
    if (state.isDown) throw new Error("down");
  };
  const object: RecordSinkObject = {
    ...inner,
    async write(batch, context) {
      requireUp();
      const refused = batch.items.filter(isRefused);
      await inner.write({ ...batch, items: batch.items.filter((item) => !isRefused(item)) }, context);
      return { rejected: refused.map(({ key }) => ({ key, reason: "locked" })) };
    },
    ...(writeIn !== undefined && {
      async writeIn(transaction, batch, context) {
        requireUp();
        const answer = await writeIn(transaction, batch, context);
        if (batch.items.some(isRefused)) throw new RecordRefusedError("locked");
        return answer;
      },
    }),
  };
  return { object, state };
}

/** Delivered records, what the storage says was delivered, and what is open. */
async function outcomeOf(world: World) {
  const { titan, companyId } = world;
  const page = { limit: 10_000 };
  const delivered: unknown[] = [];
  const sent: unknown[] = [];
  for (const record of ["member", "invoice"] as const) {
    for (const [id, { tenant: _, ...columns }] of await world.records(record))
      sent.push([record, id, columns]);
    const { items } = await titan.records.list({ record, companyId }, page);
    delivered.push(...items.map(({ id }) => [record, id]));
  }
  const rejections = (await titan.rejections.list({ companyId }, page)).items
    .map(({ feed, entityId, stage, rules }) => `${feed} ${entityId} ${stage} ${rules.join()}`)
    .sort();
  return { sent, delivered, rejections };
}
