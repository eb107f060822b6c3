import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BatchItem, RecordBatch, RecordSink, RecordSinkObject } from "../ports/record-sink.js";
import type { HeldRecord } from "../ports/sink-reader.js";
import type { TenantScope } from "../ports/tenant.js";
import type { RecordType } from "../records/record.js";
import { expectRefused, type Poison, poisonedItems, type Transact, writeInParts } from "./poisoned-items.js";
import { invoiceRecord, memberRecord, removal, upsert } from "./sample-records.js";

/** The current records of one tenant in the sink's target, by source id. */
export type SinkContents = ReadonlyMap<string, SinkRow>;

/** The parts of a record that the suite checks. */
export interface SinkRow {
  readonly customer_name: string | null;
  /** An invoice's total with all digits; absent if the target rounds it. */
  readonly total?: unknown;
}

/** The sink under test. Its target may contain other data: the suite only reads its own companies. */
export interface RecordSinkUnderTest {
  readonly sink: RecordSink;
  /** Reads records from the sink's target. Leaves out removed records. */
  readonly read: (record: RecordType, scope: TenantScope) => Promise<SinkContents>;
  /**
   * For sinks with `writeIn`: calls `work` inside a transaction of the storage, commits when it resolves, and rolls
   * back and throws the error when it rejects.
   */
  readonly transact?: Transact | undefined;
  /** Turns a member into one that the sink refuses; `null` if the sink accepts every record. @defaultValue null */
  readonly poison?: Poison | null | undefined;
  /** Called once, after the suite. */
  readonly close?: (() => Promise<void>) | undefined;
}

export interface DescribeRecordSinkOptions {
  /** The suite's title. @defaultValue "record sink" */
  readonly name?: string | undefined;
  /** Called once, before the suite. */
  readonly setup: () => RecordSinkUnderTest | Promise<RecordSinkUnderTest>;
}

/**
 * Registers the tests for sinks that keep one row for each record. Call it at the top level of a test file.
 *
 * @example
 * describeRecordSink({
 *   name: "my sink",
 *   setup: () => ({ sink: mySink({ pool }), read: (record, scope) => readRows(pool, record, scope) }),
 * });
 */
export function describeRecordSink({ name = "record sink", setup }: DescribeRecordSinkOptions): void {
  describe(name, () => {
    let opened: RecordSinkUnderTest | null = null;
    const current = (): RecordSinkUnderTest => {
      if (opened === null) throw new Error("The sink is open only while tests run.");
      return opened;
    };
    const sink = (): RecordSinkObject => {
      const { sink: given } = current();
      return typeof given === "function" ? { write: given } : given;
    };
    const context = { signal: new AbortController().signal };

    beforeAll(async () => {
      opened = await setup();
    });
    afterAll(async () => {
      await current().close?.();
    });

    function newTenant(given: Partial<TenantScope> = {}) {
      const scope: TenantScope = {
        companyId: `company-${randomUUID()}`,
        environment: "production",
        tenantId: "100200300",
        ...given,
      };
      const batchOf = (items: readonly BatchItem[], record: RecordType = "member"): RecordBatch => ({
        id: randomUUID(),
        runId: randomUUID(),
        credentialId: randomUUID(),
        scope,
        record,
        items,
      });
      return {
        scope,
        batchOf,
        write: (items: readonly BatchItem[], record?: RecordType) =>
          sink().write(batchOf(items, record), context),
        names: async (record: RecordType = "member"): Promise<Readonly<Record<string, string | null>>> =>
          Object.fromEntries(
            [...(await current().read(record, scope))].map(([key, row]) => [key, row.customer_name]),
          ),
      };
    }

    it("accepts a whole batch and refuses no good record", async () => {
      const tenant = newTenant();
      const answer = await tenant.write([
        upsert(memberRecord(tenant.scope, "1", "Ada"), 1),
        upsert(memberRecord(tenant.scope, "9007199254740993", "Zoë 💧"), 1),
      ]);
      expect(answer).toEqual({ rejected: [] });
      expect(await tenant.names()).toEqual({ "1": "Ada", "9007199254740993": "Zoë 💧" });
    });

    it("keeps every digit of a total", async () => {
      const { scope, write } = newTenant();
      const totals = ["12345678901234567890.10", "-0.0000001", "0.00"];
      const records = totals.map((total, index) => ({ ...invoiceRecord(scope, String(index), "x"), total }));
      await write(
        records.map((record, index) => upsert(record, index + 1)),
        "invoice",
      );
      const kept = await current().read("invoice", scope);
      for (const [index, total] of totals.entries()) {
        const row = kept.get(String(index));
        expect(row).toBeDefined();
        if (row?.total !== undefined) expect(String(row.total)).toBe(total);
      }
    });

    it("keeps both record types, with the same ids, apart", async () => {
      const tenant = newTenant();
      await tenant.write([upsert(memberRecord(tenant.scope, "1", "member"), 1)]);
      await tenant.write([upsert(invoiceRecord(tenant.scope, "1", "invoice"), 1)], "invoice");
      expect(await tenant.names("member")).toEqual({ "1": "member" });
      expect(await tenant.names("invoice")).toEqual({ "1": "invoice" });
    });

    it("replaces a record by a later revision", async () => {
      const tenant = newTenant();
      await tenant.write([upsert(memberRecord(tenant.scope, "1", "before"), 1)]);
      await tenant.write([upsert(memberRecord(tenant.scope, "1", "after"), 2)]);
      expect(await tenant.names()).toEqual({ "1": "after" });
    });

    it("ignores a lower revision, but not the rest of its batch", async () => {
      const tenant = newTenant();
      await tenant.write([upsert(memberRecord(tenant.scope, "1", "newest"), 5)]);
      await tenant.write([
        upsert(memberRecord(tenant.scope, "1", "stale"), 4),
        upsert(memberRecord(tenant.scope, "2", "new"), 1),
      ]);
      await tenant.write([removal("1", 3)]);
      expect(await tenant.names()).toEqual({ "1": "newest", "2": "new" });
    });

    it("removes a record, and restores it at a later revision", async () => {
      const tenant = newTenant();
      await tenant.write([
        upsert(memberRecord(tenant.scope, "1", "one"), 1),
        upsert(memberRecord(tenant.scope, "2", "two"), 1),
      ]);
      await tenant.write([removal("1", 2)]);
      expect(await tenant.names()).toEqual({ "2": "two" });
      await tenant.write([upsert(memberRecord(tenant.scope, "1", "back"), 3)]);
      expect(await tenant.names()).toEqual({ "1": "back", "2": "two" });
    });

    it("does nothing for the removal of a record that it does not have", async () => {
      const tenant = newTenant();
      expect(await tenant.write([removal("1", 2)])).toEqual({ rejected: [] });
      expect(await tenant.names()).toEqual({});
    });

    it("changes nothing when a batch is sent a second time", async () => {
      const tenant = newTenant();
      const batch = tenant.batchOf([
        upsert(memberRecord(tenant.scope, "1", "one"), 1),
        upsert(memberRecord(tenant.scope, "2", "two"), 1),
      ]);
      const first = await sink().write(batch, context);
      expect(await sink().write(structuredClone(batch), context)).toEqual(first);
      expect(await tenant.names()).toEqual({ "1": "one", "2": "two" });
    });

    it("changes nothing when a batch is sent a second time after a later one", async () => {
      const tenant = newTenant();
      const early = tenant.batchOf([upsert(memberRecord(tenant.scope, "1", "early"), 1)]);
      await sink().write(early, context);
      await tenant.write([upsert(memberRecord(tenant.scope, "1", "late"), 2)]);
      await sink().write(early, context);
      expect(await tenant.names()).toEqual({ "1": "late" });
    });

    it("accepts a batch of 2000", async () => {
      const tenant = newTenant();
      const ids = Array.from({ length: 2000 }, (_, index) => String(index + 1));
      await tenant.write(ids.map((id) => upsert(memberRecord(tenant.scope, id, `name ${id}`), 1)));
      expect(Object.keys(await tenant.names())).toHaveLength(2000);
    });

    it("accepts an empty batch", async () => {
      const tenant = newTenant();
      expect(await tenant.write([])).toEqual({ rejected: [] });
      expect(await tenant.names()).toEqual({});
    });

    it.each([
      ["company", {}],
      ["environment", { environment: "integration" }],
      ["tenant", { tenantId: "400500600" }],
    ] as const)("keeps the same ids of tenants that differ in %s apart", async (difference, given) => {
      const first = newTenant();
      const second = newTenant(
        difference === "company" ? {} : { companyId: first.scope.companyId, ...given },
      );
      await first.write([upsert(memberRecord(first.scope, "1", "of first"), 7)]);
      await second.write([upsert(memberRecord(second.scope, "1", "of second"), 1)]);
      await second.write([removal("1", 2)]);
      expect(await first.names()).toEqual({ "1": "of first" });
      expect(await second.names()).toEqual({});
    });

    it("accepts nothing once its signal is aborted", async () => {
      const tenant = newTenant();
      const batch = tenant.batchOf([upsert(memberRecord(tenant.scope, "1", "late"), 1)]);
      const stopped = { signal: AbortSignal.abort(new Error("stopped")) };
      await expect(sink().write(batch, stopped)).rejects.toBeInstanceOf(Error);
      expect(await tenant.names()).toEqual({});
      await sink().write(batch, context);
      expect(await tenant.names()).toEqual({ "1": "late" });
    });

    it("reads back what it has, by key and page by page, if it can", async () => {
      const { reader } = sink();
      if (reader === undefined) return;
      const tenant = newTenant();
      const other = newTenant({ companyId: tenant.scope.companyId, tenantId: "400500600" });
      const { scope } = tenant;
      const where = { scope, record: "member" } as const;
      expect(await reader.list({ ...where, after: null, limit: 10 }, context)).toEqual([]);
      const keys = ["1", "2", "10", "9007199254740993"];
      await tenant.write(keys.map((key) => upsert(memberRecord(scope, key, key), Number(key.length))));
      await tenant.write([upsert(memberRecord(scope, "2", "later"), 7), removal("10", 7)]);
      await tenant.write([upsert(invoiceRecord(scope, "3", "invoice"), 1)], "invoice");
      await other.write([upsert(memberRecord(other.scope, "4", "of another tenant"), 1)]);
      const revisions = (held: readonly HeldRecord[]) =>
        Object.fromEntries(held.map(({ key, revision }) => [key, revision]));
      const expected = { "1": 1, "2": 7, "9007199254740993": 16 };

      const found = await reader.find({ ...where, keys: ["1", "2", "3", "4", "10", keys[3] ?? ""] }, context);
      expect(revisions(found)).toEqual(expected);
      expect(await reader.find({ ...where, keys: [] }, context)).toEqual([]);

      const listed: HeldRecord[] = [];
      for (let after: string | null = null; ; ) {
        const page: readonly HeldRecord[] = await reader.list({ ...where, after, limit: 2 }, context);
        expect(page.length).toBeLessThanOrEqual(2);
        listed.push(...page);
        after = page.at(-1)?.key ?? null;
        if (after === null) break;
      }
      expect(listed).toHaveLength(3);
      expect(revisions(listed)).toEqual(expected);
    });

    it("refuses items that it cannot accept, by key and with a reason, and accepts the rest", async () => {
      const { poison = null } = current();
      if (poison === null) return;
      const tenant = newTenant();
      const { items, good, bad } = poisonedItems(tenant.scope, poison);
      const batch = tenant.batchOf(items);
      const answer = await sink().write(batch, context);
      expectRefused(answer, bad);
      expect(Object.keys(await tenant.names()).toSorted()).toEqual([...good].toSorted());
      expect(await sink().write(structuredClone(batch), context)).toEqual(answer);
    });

    it("lets the engine find the items that it refuses inside the storage's transaction, and accepts the rest", async () => {
      const { poison = null, transact } = current();
      if (poison === null || transact === undefined) return;
      const tenant = newTenant();
      const { items, good, bad } = poisonedItems(tenant.scope, poison);
      expectRefused(await writeInParts(sink(), transact, tenant.batchOf(items), context), bad);
      expect(Object.keys(await tenant.names()).toSorted()).toEqual([...good].toSorted());
    });

    it("offers to share a transaction only if it names the database that it shares", () => {
      const { writeIn, database } = sink();
      expect(writeIn !== undefined).toBe(current().transact !== undefined);
      if (writeIn !== undefined) expect(database ?? null).not.toBeNull();
    });

    it("writes with the storage's transaction if it shares one, or not at all", async () => {
      const { transact } = current();
      const target = sink();
      const tenant = newTenant();
      const batch = tenant.batchOf([upsert(memberRecord(tenant.scope, "1", "once"), 1)]);
      if (transact === undefined || target.writeIn === undefined) {
        expect(target.writeIn).toBeUndefined();
        return;
      }
      const rollback = new Error("rolled back");
      const failing = transact(async (transaction) => {
        await target.writeIn?.(transaction, batch, context);
        throw rollback;
      });
      await expect(failing).rejects.toBe(rollback);
      expect(await tenant.names()).toEqual({});

      await transact(async (transaction) => {
        expect(await target.writeIn?.(transaction, batch, context)).toEqual({ rejected: [] });
      });
      expect(await tenant.names()).toEqual({ "1": "once" });
    });
  });
}
