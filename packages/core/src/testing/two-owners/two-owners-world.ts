import { expect } from "vitest";
import { LeaseLostError } from "../../errors.js";
import type { LandParams } from "../../ports/landing-store.js";
import type { ClaimedKey } from "../../ports/work-queue.js";
import { at, contentOf, entity, figuresOf, upserted } from "../storage/samples.js";
import { createTenant, driverOf, leaseMs, type RunUnderTest } from "../storage/tenant-under-test.js";
import type { AgingStorage } from "./aging-storage.js";
import { ids, type Role, type Step } from "./steps.js";

type Worker = "first" | "second";

/** A claimed batch with what its owner read of it: what it will deliver, however late. */
type ReadBatch = readonly (ClaimedKey & { readonly content: string })[];

/** The storage under two workers that know nothing of each other, and what must be true of it. */
export async function createWorld({ storage, passTime: age }: Pick<AgingStorage, "storage" | "passTime">) {
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
    // A process that restarts remembers nothing; one that was only slow continues with what it has read.
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

  /** A last owner takes over and processes the whole queue. */
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
