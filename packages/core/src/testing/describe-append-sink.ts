import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BatchItem, RecordBatch, RecordSink } from "../ports/record-sink.js";
import type { TenantScope } from "../ports/tenant.js";
import type { RecordType } from "../records/record.js";
import { expectRefused, type Poison, poisonedItems } from "./poisoned-items.js";
import { invoiceRecord, memberRecord, removal, upsert } from "./sample-records.js";

/** The parts of an appended row that the suite checks. */
export interface AppendedRow {
  readonly customer_id: string | null;
  readonly customer_name: string | null;
  /** As it was stored, of any type. */
  readonly total?: unknown;
}

/** The sink under test. Its target may contain other data: the suite only reads its own companies. */
export interface AppendSinkUnderTest {
  readonly sink: RecordSink;
  /** Reads one tenant's upserted rows from the target, in the order in which they were written. Leaves out removals. */
  readonly read: (record: RecordType, scope: TenantScope) => Promise<readonly AppendedRow[]>;
  /** Turns a member into one that the sink refuses; `null` if the sink accepts every record. @defaultValue null */
  readonly poison?: Poison | null | undefined;
  /** Called once, after the suite. */
  readonly close?: (() => Promise<void>) | undefined;
}

export interface DescribeAppendSinkOptions {
  /** The suite's title. @defaultValue "append sink" */
  readonly name?: string | undefined;
  /** Called once, before the suite. */
  readonly setup: () => AppendSinkUnderTest | Promise<AppendSinkUnderTest>;
}

/**
 * Registers the tests for sinks that keep a row for each change: a log, files, an append-only table. Call it at the top
 * level of a test file.
 *
 * @example
 * describeAppendSink({
 *   name: "my log",
 *   setup: () => ({ sink: myLog(topic), read: (record, scope) => readTopic(topic, record, scope) }),
 * });
 */
export function describeAppendSink({ name = "append sink", setup }: DescribeAppendSinkOptions): void {
  describe(name, () => {
    let opened: AppendSinkUnderTest | null = null;
    const current = (): AppendSinkUnderTest => {
      if (opened === null) throw new Error("The sink is open only while tests run.");
      return opened;
    };
    const send = (batch: RecordBatch, signal = new AbortController().signal) => {
      const { sink } = current();
      return typeof sink === "function" ? sink(batch, { signal }) : sink.write(batch, { signal });
    };

    beforeAll(async () => {
      opened = await setup();
    });
    afterAll(async () => {
      await current().close?.();
    });

    function newTenant(tenantId = "100200300") {
      const scope: TenantScope = {
        companyId: `company-${randomUUID()}`,
        environment: "production",
        tenantId,
      };
      const batchOf = (items: readonly BatchItem[], record: RecordType = "member"): RecordBatch => ({
        id: randomUUID(),
        runId: randomUUID(),
        credentialId: randomUUID(),
        scope,
        record,
        items,
      });
      const member = (id: string, called: string, revision = 1) =>
        upsert(memberRecord(scope, id, called), revision);
      return {
        scope,
        batchOf,
        member,
        names: async (record: RecordType = "member") =>
          (await current().read(record, scope)).map((row) => `${row.customer_id} ${row.customer_name}`),
      };
    }

    it("appends every upsert of a batch, in its order", async () => {
      const { batchOf, member, names } = newTenant();
      expect(await send(batchOf([member("1", "Ada"), member("20", 'Zoë "💧", the\nsecond')]))).toEqual({
        rejected: [],
      });
      expect(await names()).toEqual(["1 Ada", '20 Zoë "💧", the\nsecond']);
    });

    it("keeps earlier rows when a record changes", async () => {
      const { batchOf, member, names } = newTenant();
      await send(batchOf([member("1", "before")]));
      await send(batchOf([member("1", "after", 2)]));
      expect((await names()).toSorted()).toEqual(["1 after", "1 before"]);
    });

    it("appends nothing for a removal, and a row when the record returns", async () => {
      const { batchOf, member, names } = newTenant();
      await send(batchOf([member("1", "Ada"), member("2", "Bob")]));
      expect(await send(batchOf([removal("1", 2)]))).toEqual({ rejected: [] });
      expect(await names()).toHaveLength(2);
      await send(batchOf([member("1", "Ada", 3)]));
      expect((await names()).toSorted()).toEqual(["1 Ada", "1 Ada", "2 Bob"]);
    });

    it("appends a batch that is sent twice only once, even after a later one", async () => {
      const { batchOf, member, names } = newTenant();
      const batch = batchOf([member("1", "one"), member("2", "two")]);
      const first = await send(batch);
      await send(batchOf([member("3", "three")]));
      expect(await send(structuredClone(batch))).toEqual(first);
      expect((await names()).toSorted()).toEqual(["1 one", "2 two", "3 three"]);
    });

    it("keeps both record types apart, and totals exact", async () => {
      const { scope, batchOf, names } = newTenant();
      await send(batchOf([upsert(invoiceRecord(scope, "1", "invoice"), 1)], "invoice"));
      expect(await names("member")).toEqual([]);
      const [row] = await current().read("invoice", scope);
      expect(Number(row?.total)).toBe(1234.5);
    });

    it("accepts a batch of 2000, and an empty one", async () => {
      const { batchOf, member, names } = newTenant();
      expect(await send(batchOf([]))).toEqual({ rejected: [] });
      await send(batchOf(Array.from({ length: 2000 }, (_, index) => member(String(index + 1), "x"))));
      expect(await names()).toHaveLength(2000);
    });

    it("refuses items that it cannot accept, by key and with a reason, and appends the rest once", async () => {
      const { poison = null } = current();
      if (poison === null) return;
      const { scope, batchOf, names } = newTenant();
      const { items, good, bad } = poisonedItems(scope, poison);
      const batch = batchOf(items);
      const answer = await send(batch);
      expectRefused(answer, bad);
      expect(await send(structuredClone(batch))).toEqual(answer);
      expect((await names()).toSorted()).toEqual(good.map((id) => `${id} name ${id}`).toSorted());
    });

    it("accepts nothing once its signal is aborted", async () => {
      const { batchOf, member, names } = newTenant();
      const batch = batchOf([member("1", "late")]);
      await expect(send(batch, AbortSignal.abort(new Error("stopped")))).rejects.toBeInstanceOf(Error);
      expect(await names()).toEqual([]);
      await send(batch);
      expect(await names()).toEqual(["1 late"]);
    });
  });
}
