import fc from "fast-check";
import { expect } from "vitest";
import { LeaseLostError } from "../../errors.js";
import type { LandParams } from "../../ports/landing-store.js";
import type { Storage } from "../../ports/storage.js";
import type { RunLease } from "../../ports/sync-run.js";
import type { ClaimedKey } from "../../ports/work-queue.js";
import { at, contentOf, entity, figuresOf, upserted } from "../../testing/storage/samples.js";
import {
  createTenant,
  driverOf,
  leaseMs,
  type RunUnderTest,
} from "../../testing/storage/tenant-under-test.js";

/** A storage whose leases age when a test says so. */
export interface AgeingStorage {
  readonly storage: Storage;
  /** Brings a credential's lease so much closer to its end. */
  passTime(ms: number, credentialId: RunLease["credentialId"]): void | Promise<void>;
  /** Less real time than this passes while a test runs. */
  readonly driftMs: number;
}

const ids = ["1", "2", "10"] as const;

type Worker = "first" | "second";

/** Whoever took the lease last, or the other one, which then writes late or takes over. */
type Role = "owner" | "other";

type Step =
  | {
      readonly kind: "begin" | "heartbeat" | "pause" | "claim" | "settle" | "settle too slowly";
      readonly by: Role;
    }
  | { readonly kind: "pass time"; readonly ms: number }
  | {
      readonly kind: "land";
      readonly by: Role;
      readonly id: (typeof ids)[number];
      readonly second: number;
      readonly content: string;
      readonly source: LandParams["source"];
    };

const by = fc.constantFrom<Role>("owner", "owner", "owner", "other");
const land = fc.record({
  kind: fc.constant("land" as const),
  by,
  id: fc.constantFrom(...ids),
  second: fc.integer({ min: 0, max: 3 }),
  content: fc.constantFrom("a", "b", "c"),
  source: fc.constantFrom("export" as const, "list" as const),
});
const work = fc.record({ kind: fc.constantFrom("claim" as const, "settle" as const), by });
const rareWork = fc.record({
  kind: fc.constantFrom("heartbeat" as const, "pause" as const, "settle too slowly" as const),
  by,
});
const begin = fc.record({
  kind: fc.constant("begin" as const),
  by: fc.constantFrom<Role>("owner", "other", "other"),
});

const stepsOf = (driftMs: number): fc.Arbitrary<Step> =>
  fc.oneof(
    { weight: 6, arbitrary: land },
    { weight: 8, arbitrary: work },
    { weight: 2, arbitrary: rareWork },
    { weight: 3, arbitrary: begin },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("pass time" as const),
        ms: fc.constantFrom(leaseMs / 2, leaseMs - 1 - driftMs, leaseMs, leaseMs + 1),
      }),
    },
  );

/** By default fast-check keeps lists short, and with a short list owners never conflict. */
const stepsUpTo = (maxLength: number, driftMs: number): fc.Arbitrary<Step[]> =>
  fc.array(stepsOf(driftMs), { minLength: 5, maxLength, size: "max" });

/** A claimed batch with what its owner read of it: what it will deliver, however late. */
type ReadBatch = readonly (ClaimedKey & { readonly content: string })[];

/** The storage under two workers that know nothing of each other, and what must be true of it. */
async function createWorld({ storage, passTime: age }: AgeingStorage) {
  const tenant = await createTenant(storage);
  const { scope } = tenant;
  let now = 0;
  const runs = new Map<Worker, RunUnderTest>();
  const read = new Map<Worker, ReadBatch[]>();

  /** The model: who owns the run until when, what is landed, what is delivered. */
  let owner: { readonly worker: Worker; readonly run: RunUnderTest; until: number } | null = null;
  const landed = new Map<string, { content: string; second: number; source: LandParams["source"] }>();
  const delivered = new Map<string, string>();

  const workerIn = (role: Role): Worker => {
    const last = owner?.worker ?? "first";
    return role === "owner" ? last : last === "first" ? "second" : "first";
  };

  const owns = (name: Worker): boolean =>
    owner !== null && owner.worker === name && owner.run === runs.get(name) && now < owner.until;

  async function passTime(ms: number): Promise<void> {
    now += ms;
    await age(ms, tenant.credential.id);
  }

  /** Succeeds for the owner and is refused for everybody else. */
  async function write<Result>(
    name: Worker,
    verb: (run: RunUnderTest) => Promise<Result>,
    note: (result: Result) => void | Promise<void>,
  ): Promise<void> {
    const run = runs.get(name);
    if (run === undefined) return;
    if (owns(name)) await note(await verb(run));
    else await expect(verb(run)).rejects.toBeInstanceOf(LeaseLostError);
  }

  async function begin(name: Worker): Promise<void> {
    if (owner !== null && now < owner.until) {
      await expect(tenant.begin()).rejects.toMatchObject({ code: "CONFLICT" });
      return;
    }
    const run = await tenant.begin();
    runs.set(name, run);
    // A process that starts again remembers nothing; one that was only slow continues with what it has read.
    read.delete(name);
    owner = { worker: name, run, until: now + leaseMs };
  }

  /** The lease ends while the batch is being settled, and another worker takes over in the middle of it. */
  async function settleTooSlowly(name: Worker, batch: ReadBatch): Promise<void> {
    const run = runs.get(name);
    if (run === undefined || !owns(name)) return;
    const items = batch.map((key) => upserted(key, key.revision, key.content));
    const heir: Worker = name === "first" ? "second" : "first";
    let takeover: Promise<void> = Promise.resolve();
    const settling = storage.settleKeys({
      lease: run.lease,
      scope,
      record: "member",
      feed: driverOf.member,
      batchId: null,
      settlement: async () => {
        await passTime(leaseMs);
        takeover = begin(heir);
        return { items, figures: figuresOf(items) };
      },
    });
    const isSettled = await settling.then(
      () => true,
      (error: unknown) => {
        expect(error).toBeInstanceOf(LeaseLostError);
        return false;
      },
    );
    await takeover;
    if (isSettled) for (const key of batch) delivered.set(key.id, key.content);
  }

  async function readBatch(keys: readonly ClaimedKey[]): Promise<ReadBatch> {
    const claimedIds = keys.map((key) => key.id);
    const entities = await storage.findEntities({ scope, feed: "customers", ids: claimedIds });
    return keys.map((key) => ({
      ...key,
      content: entities.filter((row) => row.id === key.id).map(contentOf)[0] ?? "",
    }));
  }

  const settleBatch = (run: RunUnderTest, batch: ReadBatch): Promise<void> =>
    run.settle(batch.map((key) => upserted(key, key.revision, key.content)));

  function recordLanding({ id, content, second, source }: Extract<Step, { kind: "land" }>): void {
    const before = landed.get(id);
    if (before?.content === content && before.second === second) {
      if (source === "export") before.source = source;
      return;
    }
    const isOlder = before !== undefined && second < before.second;
    const isWeaker = before?.second === second && before.source === "export" && source === "list";
    if (!isOlder && !isWeaker) landed.set(id, { content, second, source });
  }

  async function apply(taken: Step): Promise<void> {
    const name = "by" in taken ? workerIn(taken.by) : "first";
    switch (taken.kind) {
      case "begin":
        return await begin(name);
      case "pass time":
        return await passTime(taken.ms);
      case "heartbeat":
        return await write(
          name,
          (run) => run.heartbeat(),
          () => {
            if (owner !== null) owner.until = now + leaseMs;
          },
        );
      case "pause":
        return await write(
          name,
          (run) => run.end("paused"),
          () => {
            owner = null;
          },
        );
      case "land": {
        const { id, content, second, source } = taken;
        const row = entity(id, `${content}${second}`, { modifiedOn: second === 0 ? null : at(second) });
        return await write(
          name,
          (run) => run.land({ entities: [row], source }),
          () => recordLanding({ ...taken, content: `${content}${second}` }),
        );
      }
      case "claim":
        return await write(
          name,
          (run) => run.claim({ limit: 2 }),
          async (keys) => {
            read.set(name, [...(read.get(name) ?? []), await readBatch(keys)]);
          },
        );
      case "settle":
      case "settle too slowly": {
        const [batch, ...later] = read.get(name) ?? [];
        if (batch === undefined) return;
        read.set(name, later);
        if (taken.kind === "settle too slowly") return await settleTooSlowly(name, batch);
        return await write(
          name,
          (run) => settleBatch(run, batch),
          () => {
            for (const key of batch) delivered.set(key.id, key.content);
          },
        );
      }
    }
  }

  async function check(): Promise<void> {
    const entities = await storage.findEntities({ scope, feed: "customers", ids });
    expect(Object.fromEntries(entities.map((row) => [row.id, contentOf(row)]))).toEqual(
      Object.fromEntries([...landed].map(([id, row]) => [id, row.content])),
    );
    const records = await storage.findDeliveredRecords({ scope, record: "member", ids });
    expect(Object.fromEntries(records.map((row) => [row.id, row.contentHash]))).toEqual(
      Object.fromEntries([...delivered].map(([id, content]) => [id, `record hash of ${id} ${content}`])),
    );
  }

  /** A last owner takes over and works the list off. */
  async function finish(): Promise<void> {
    await passTime(leaseMs);
    const run = await tenant.begin();
    for (let keys = await run.claim(); keys.length > 0; keys = await run.claim()) {
      const batch = await readBatch(keys);
      await settleBatch(run, batch);
      for (const key of batch) delivered.set(key.id, key.content);
    }
    await check();
    for (const [id, { content }] of landed) expect(delivered.get(id)).toBe(content);
  }

  return { apply, check, finish };
}

export interface TwoOwnersOptions {
  readonly open: () => AgeingStorage;
  readonly runs: number;
  /** Of one run, at most. */
  readonly steps: number;
  readonly seed?: number;
}

/**
 * Two workers that believe they own the same run take random steps: no stale write survives, and no change is
 * lost. On failure prints the steps.
 */
export async function checkTwoOwners({ open, runs, steps, seed }: TwoOwnersOptions): Promise<void> {
  const { driftMs } = open();
  await fc.assert(
    fc.asyncProperty(stepsUpTo(steps, driftMs), async (taken) => {
      const world = await createWorld(open());
      await world.apply({ kind: "begin", by: "owner" });
      for (const one of taken) {
        await world.apply(one);
        await world.check();
      }
      await world.finish();
    }),
    { numRuns: runs, ...(seed === undefined ? {} : { seed }) },
  );
}
