import {
  type BatchItem,
  memorySink,
  memoryStorage,
  type RecordBatch,
  RecordRefusedError,
  type RecordSink,
  type RecordSinkObject,
  type RunResult,
  silentLogger,
} from "@titan-sync/core";
import { describe, expect, test } from "vitest";
import { createWorld, type World } from "./world.js";

/** A sink of the host's own, which is identified by what it does with a batch. */
async function open(
  write: RecordSinkObject["write"],
  titan: NonNullable<Parameters<typeof createWorld>[1]>["titan"] = {},
): Promise<World> {
  const storage = memoryStorage();
  const stores = {
    storage,
    sink: { write },
    totals: "decimal",
    records: async () => new Map(),
    close: () => storage.close(),
  } as const;
  return await createWorld(stores, { titan: { batchSize: 15, ...titan } });
}

const answered = { rejected: [] };

async function storedBatches({ storage, companyId, tenantId }: World) {
  return await storage.listStagedBatches({ companyId, environment: "production", tenantId });
}

describe("a sink that throws", () => {
  test("is retried within the run, and the run completes", async () => {
    const failed = new Set<string>();
    const world = await open(async ({ id }) => {
      if (failed.has(id)) return answered;
      failed.add(id);
      throw new Error("the pipeline was busy");
    });
    const result = await world.sync();
    expect(result).toMatchObject({ status: "completed", error: null });
    expect(failed.size).toBeGreaterThan(5);
  });

  test("has its error only in the host's log, with message and stack", async () => {
    const lines: unknown[] = [];
    const logger = { ...silentLogger, error: (fields: unknown) => void lines.push(fields) };
    const world = await open(
      async () => {
        throw new RangeError("disk 7 is full");
      },
      { logger },
    );
    const run = await world.titan.sync({ credentialId: world.credentialId, data: "customers" });
    const events: unknown[] = [];
    for await (const event of run.events()) events.push(event);
    expect(await run.result).toMatchObject({ status: "failed", error: { code: "SINK" } });
    expect(lines).toContainEqual(
      expect.objectContaining({
        record: "member",
        error: {
          name: "RangeError",
          message: "disk 7 is full",
          stack: expect.stringContaining("failing-sinks"),
        },
      }),
    );
    expect(JSON.stringify(events)).not.toContain("disk 7");
  });

  test("for one batch affects only that batch: others of its type are delivered, and its records wait for it", async () => {
    const sent: RecordBatch[] = [];
    let poison: string | null = null;
    const world = await open(async (batch) => {
      sent.push(batch);
      poison ??= batch.record === "member" ? (batch.items[3]?.key ?? null) : null;
      if (batch.record === "member" && batch.items.some(({ key }) => key === poison)) throw new Error("no");
      return answered;
    });
    const first = await world.sync();
    expect(first).toMatchObject({ status: "failed", error: { code: "SINK" } });
    const held = await storedBatches(world);
    expect(held).toHaveLength(1);
    expect(first.ledger.records.invoice?.delivered).toBeGreaterThan(70);
    expect(first.ledger.records.member?.delivered).toBeGreaterThan(15);

    // Everything is derived again: what waits in the batch is not.
    sent.length = 0;
    const again = await world.sync({ rederive: true });
    expect(again.status).toBe("failed");
    const keys = new Set(
      sent.flatMap((batch) => (batch.record === "member" ? batch.items : [])).map(({ key }) => key),
    );
    const heldKeys = sent.find((batch) => batch.id === held[0]?.id)?.items.map(({ key }) => key);
    expect([...keys]).toEqual(heldKeys);
    expect(await storedBatches(world)).toEqual(held);

    poison = "none";
    const last = await world.sync();
    expect(last.status).toBe("completed");
    expect(await storedBatches(world)).toEqual([]);
  });

  test("for one record type stops neither a run of the other one nor the reading of feeds", async () => {
    const world = await open(async ({ record }) => {
      if (record === "member") throw new Error("no");
      return answered;
    });
    expect((await world.sync()).status).toBe("failed");
    world.simulator.resetCounters();
    const result = await world.sync({ data: "invoices" });
    expect(result).toMatchObject({ status: "completed", error: null });
    expect(world.simulator.counters().requests).toBeGreaterThan(5);
    expect(result.warnings).toContainEqual(expect.objectContaining({ code: "BATCHES_NOT_TAKEN" }));
  });

  test("permanently leaves no more than a few kept batches, after any number of runs", async () => {
    const world = await open(async () => {
      throw new Error("down");
    });
    for (let run = 0; run < 14; run += 1) await world.sync({ data: "customers" });
    expect((await storedBatches(world)).length).toBeLessThanOrEqual(10);
  });
});

describe("a sink's result", () => {
  test.each([
    ["undefined", undefined, "it returned undefined"],
    ["an object of another kind", { ok: true }, "it returned an object without `rejected`"],
    ["a text", "done", "it returned a string"],
    ["keys that are no texts", { rejected: [{ key: 7, reason: "no" }] }, "an entry of `rejected`"],
    [
      "keys of other batches",
      { rejected: [{ key: "x", reason: "no" }] },
      "it refused 1 items that are not in the batch",
    ],
  ])("of %s is reported by name, and the call is not retried", async (_what, answer, message) => {
    let calls = 0;
    const world = await open((async () => {
      calls += 1;
      return answer;
    }) as unknown as RecordSinkObject["write"]);
    const result = await world.sync({ data: "customers" });
    expect(result).toMatchObject({ status: "failed", error: { code: "SINK" } });
    expect(result.error?.message).toContain(message);
    expect(calls).toBe(2);
  });

  test.each([
    ["a NUL character", "city\0 is odd", "city  is odd"],
    ["half a surrogate pair", "city \ud83d", "city \ufffd"],
    ["five megabytes", "x".repeat(5_000_000), "x".repeat(1000)],
    ["no reason", undefined, "The sink gave no reason."],
  ])("with %s in a reason is stored clean and short", async (_what, reason, stored) => {
    const world = await open(async ({ items }) => ({
      rejected: items.slice(0, 1).map(({ key }) => ({ key, reason: reason as string })),
    }));
    await world.sync({ data: "customers" });
    const { items } = await world.titan.rejections.list(
      { companyId: world.companyId, stage: "sink" },
      { limit: 10 },
    );
    expect(items[0]?.message).toBe(stored);
  });

  test("that refuses a removal causes the next run to send it again, until it is accepted", async () => {
    let refuses = true;
    const removals: string[] = [];
    const world = await open(async ({ items }) => {
      const removed = items.filter(({ op }) => op === "remove").map(({ key }) => key);
      removals.push(...removed);
      return { rejected: refuses ? removed.map((key) => ({ key, reason: "busy" })) : [] };
    });
    await world.sync();
    const invoice = world.simulator.rows(world.tenantId, "invoices").find((row) => row["active"] === true);
    const id = Number(invoice?.id);
    world.simulator.mutate(world.tenantId, { kind: "edit", feed: "invoices", id, set: { active: false } });
    expect((await world.sync({ fresh: true })).ledger.failed).toBe(1);
    expect((await world.sync()).ledger.failed).toBe(1);
    refuses = false;
    expect((await world.sync()).ledger.records.invoice).toMatchObject({ removed: 1, rejected: 0 });
    expect((await world.sync()).ledger.processed).toBe(0);
    expect(removals).toEqual([id, id, id].map(String));
    expect(await world.titan.rejections.count({ companyId: world.companyId, stage: "sink" })).toEqual([]);
  });
});

describe("a sink that shares the storage's transaction", () => {
  /** The memory sink, with something that happens to each batch before it is written. */
  async function openShared(before: (items: readonly BatchItem[]) => Promise<void>, titan = {}) {
    const storage = memoryStorage();
    const sink = memorySink({ storage });
    const shared: RecordSinkObject = {
      database: storage.database,
      write: sink.write,
      async writeIn(transaction, batch, context) {
        const answer = await sink.writeIn?.(transaction, batch, context);
        await before(batch.items);
        return answer ?? answered;
      },
    };
    const stores = {
      storage,
      sink: shared as RecordSink,
      totals: "decimal",
      records: async () => new Map(),
      close: () => storage.close(),
    } as const;
    return { sink, world: await createWorld(stores, { titan }) };
  }

  test("and refuses records loses only these, whether or not it names them", async () => {
    for (const isNamed of [true, false]) {
      const isBad = ({ key }: BatchItem): boolean => Number(key) % 7 === 0;
      const { sink, world } = await openShared(async (items) => {
        const keys = items.filter(isBad).map(({ key }) => key);
        if (keys.length > 0) throw new RecordRefusedError("not these", isNamed ? { keys } : {});
      });
      const result = await world.sync();
      expect(result).toMatchObject({ status: "completed", error: null });
      const rejections = await world.titan.rejections.list(
        { companyId: world.companyId, stage: "sink" },
        { limit: 100 },
      );
      expect(rejections.items.length).toBeGreaterThan(5);
      for (const item of rejections.items) expect(item).toMatchObject({ message: "not these" });
      expect(rejections.items.every(({ entityId }) => Number(entityId) % 7 === 0)).toBe(true);
      const delivered = [...sink.records("member").keys(), ...sink.records("invoice").keys()];
      expect(delivered.some((key) => Number(key) % 7 === 0)).toBe(false);
      expect(delivered).toHaveLength(result.ledger.successful);
    }
  });

  test("and fails is retried, and rejects nothing", async () => {
    let failures = 3;
    const { sink, world } = await openShared(async () => {
      failures -= 1;
      if (failures >= 0) throw new Error("down");
    });
    const result: RunResult = await world.sync();
    expect(result).toMatchObject({ status: "completed", error: null });
    expect(await world.titan.rejections.count({ companyId: world.companyId, stage: "sink" })).toEqual([]);
    expect(sink.records("member").size + sink.records("invoice").size).toBe(result.ledger.successful);
  });
});
