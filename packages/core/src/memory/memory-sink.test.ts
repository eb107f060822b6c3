import { describe, expect, it } from "vitest";
import type { RecordSinkObject } from "../ports/record-sink.js";
import type { TenantScope } from "../ports/tenant.js";
import type { MemberRecord } from "../records/record.js";
import { describeRecordSink, type RecordSinkUnderTest } from "../testing/describe-record-sink.js";
import { memberRecord, upsert } from "../testing/sample-records.js";
import { figuresOf } from "../testing/storage/samples.js";
import { createTenant } from "../testing/storage/tenant-under-test.js";
import { type MemorySink, memorySink } from "./memory-sink.js";
import { memoryStorage } from "./memory-storage.js";

const context = { signal: new AbortController().signal };

const readOf =
  (sink: MemorySink): RecordSinkUnderTest["read"] =>
  async (record, scope) =>
    new Map([...sink.records(record, scope)].map(([key, row]) => [key, row.record as MemberRecord]));

describeRecordSink({
  name: "memory sink of its own",
  setup() {
    const sink = memorySink();
    return { sink, read: readOf(sink) };
  },
});

describeRecordSink({
  name: "memory sink in the storage's transaction",
  async setup() {
    const storage = memoryStorage();
    const sink = memorySink({ storage });
    const { scope, begin } = await createTenant(storage);
    const { lease } = await begin();
    return {
      sink,
      read: readOf(sink),
      transact: (work) =>
        storage.settleKeys({
          lease,
          scope,
          record: "member",
          feed: "customers",
          batchId: null,
          settlement: async (transaction) => {
            await work(transaction);
            return { items: [], figures: figuresOf([]) };
          },
        }),
    };
  },
});

describe("memory sink", () => {
  const scopeOf = (companyId: string): TenantScope => ({
    companyId,
    environment: "production",
    tenantId: "1",
  });
  const batchOf = (id: string, scope: TenantScope, ...ids: readonly string[]) => ({
    id,
    runId: "run",
    credentialId: "credential",
    scope,
    record: "member" as const,
    items: ids.map((key) => upsert(memberRecord(scope, key, `name ${key}`), 1)),
  });

  it("returns the records of the only tenant in ascending order of ids, with their revision", async () => {
    const sink = memorySink();
    expect(sink.records("member").size).toBe(0);
    await sink.write(batchOf("a", scopeOf("one"), "10", "9", "1"), context);
    expect([...sink.records("member").keys()]).toEqual(["1", "9", "10"]);
    expect(sink.records("member").get("9")).toMatchObject({
      revision: 1,
      record: { customer_name: "name 9" },
    });
  });

  it("requires a tenant if there are several", async () => {
    const sink = memorySink();
    await sink.write(batchOf("a", scopeOf("one"), "1"), context);
    await sink.write(batchOf("b", scopeOf("two"), "1"), context);
    expect(() => sink.records("member")).toThrow(/several tenants/);
    expect(sink.records("member", scopeOf("two")).size).toBe(1);
    expect(sink.records("member", scopeOf("three")).size).toBe(0);
  });

  it("keeps the batches that it accepted, a repeated one once", async () => {
    const sink = memorySink();
    const batch = batchOf("a", scopeOf("one"), "1");
    await sink.write(batch, context);
    await sink.write(batch, context);
    expect(sink.batches).toEqual([batch]);
  });

  it("joins only transactions of the memory storage, and only while they are open", async () => {
    const storage = memoryStorage();
    const sink: RecordSinkObject = memorySink({ storage });
    expect(sink.database).toBe(storage.database);
    const batch = batchOf("a", scopeOf("one"), "1");
    await expect(sink.writeIn?.({}, batch, context)).rejects.toMatchObject({ code: "SINK" });

    const tenant = await createTenant(storage);
    const { lease } = await tenant.begin();
    let kept: unknown;
    await storage.settleKeys({
      lease,
      scope: tenant.scope,
      record: "member",
      feed: "customers",
      batchId: null,
      settlement: async (transaction) => {
        kept = transaction;
        return { items: [], figures: figuresOf([]) };
      },
    });
    await expect(sink.writeIn?.(kept, batch, context)).rejects.toMatchObject({ code: "SINK" });
  });
});
