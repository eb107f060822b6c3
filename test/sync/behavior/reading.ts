import type { Storage, SyncEvent } from "@titan-sync/core";
import { describe, expect, test } from "vitest";
import { createWorld, type Stores } from "../world.js";
import { expectBalanced } from "./expect-balanced.js";

/** What a sync reads and delivers: the first one, later ones, a range, and records derived again. */
export function describeReading(stores: () => Stores): void {
  describe("a first sync", () => {
    test("delivers every record that the rules allow, and its ledger adds up", async () => {
      const world = await createWorld(stores());
      const result = await world.sync();
      expect(result).toMatchObject({ status: "completed", error: null });
      expectBalanced(result);
      const customers = world.simulator.rows(world.tenantId, "customers");
      expect(result.ledger.records.member?.derived).toBe(customers.length);
      const members = await world.records("member");
      expect(members.size).toBe(result.ledger.records.member?.delivered);
      expect(members.size).toBeGreaterThan(30);
      const rejections = await world.titan.rejections.list({ companyId: world.companyId }, { limit: 100 });
      expect(rejections.items).toHaveLength(result.ledger.failed);
    });

    test("of customers reads what members need and no more", async () => {
      const world = await createWorld(stores());
      const result = await world.sync({ data: "customers" });
      expect(Object.keys(result.ledger.feeds).sort()).toEqual([
        "customer-contacts",
        "customers",
        "membership-types",
        "memberships",
      ]);
      expect((await world.records("invoice")).size).toBe(0);
    });

    test("reports events as they happen, each feed from start to end", async () => {
      const world = await createWorld(stores());
      const run = await world.titan.sync({ credentialId: world.credentialId });
      const events: SyncEvent[] = [];
      for await (const event of run.events()) events.push(event);
      expect(events.at(0)).toMatchObject({ event: "run:start", resumed: false, runId: run.id });
      expect(events.at(-1)).toMatchObject({ event: "run:end", status: "completed" });
      const started = events.flatMap((event) => (event.event === "feed:start" ? [event.feed] : []));
      const ended = events.flatMap((event) => (event.event === "feed:end" ? [event.feed] : []));
      expect(ended.sort()).toEqual(started.sort());
    });
  });

  describe("a later sync", () => {
    test("without changes reads one response per feed and delivers nothing", async () => {
      const world = await createWorld(stores());
      await world.sync();
      world.simulator.resetCounters();
      const result = await world.sync();
      expect(result.ledger).toMatchObject({ processed: 0, successful: 0 });
      expect(world.simulator.counters().requests).toBe(9);
    });

    test("with `fresh` delivers exactly the records that the changes affect", async () => {
      const world = await createWorld(stores());
      await world.sync();
      const before = await world.records("member");
      const contact = world.simulator
        .rows(world.tenantId, "customer-contacts")
        .find((row) => row["type"] === "MobilePhone" && before.has(String(row["customerId"])));
      world.simulator.mutate(world.tenantId, {
        kind: "edit",
        feed: "customer-contacts",
        id: contact?.id ?? 0,
        set: { value: "7735550100", active: true },
      });
      const result = await world.sync({ fresh: true });
      const after = await world.records("member");
      const moved = [...after].filter(([id, row]) => JSON.stringify(row) !== JSON.stringify(before.get(id)));
      expect(moved.map(([id]) => id)).toEqual([String(contact?.["customerId"])]);
      expect(moved[0]?.[1]["customer_phone_numbers"]).toContain("(773) 555-0100");
      expect(result.ledger.records.member?.delivered).toBe(1);
    });

    test("a contact that moves to another customer changes both customers' records", async () => {
      const world = await createWorld(stores());
      await world.sync();
      const before = await world.records("member");
      const [from, to] = [...before.keys()].filter(
        (id) => before.get(id)?.["customer_phone_number_primary"] !== null,
      );
      const contact = world.simulator
        .rows(world.tenantId, "customer-contacts")
        .find(
          (row) =>
            String(row["customerId"]) === from && row["type"] === "MobilePhone" && row["active"] !== false,
        );
      expect(contact).toBeDefined();
      world.simulator.mutate(world.tenantId, {
        kind: "move",
        feed: "customer-contacts",
        id: contact?.id ?? 0,
        customerId: Number(to),
      });
      await world.sync({ fresh: true });
      const after = await world.records("member");
      for (const id of [from, to]) expect(after.get(id ?? "")).not.toEqual(before.get(id ?? ""));
    });

    test("a renamed zone reaches every invoice of its locations", async () => {
      const world = await createWorld(stores());
      await world.sync();
      const before = await world.records("invoice");
      const name = [...before.values()].map((row) => row["zone"]).find((zone) => zone !== null);
      const zone = world.simulator.rows(world.tenantId, "zones").find((row) => row["name"] === name);
      const concerned = [...before].filter(([, row]) => row["zone"] === name).map(([id]) => id);
      world.simulator.mutate(world.tenantId, {
        kind: "edit",
        feed: "zones",
        id: zone?.id ?? 0,
        set: { name: "Renamed Zone" },
      });
      const result = await world.sync({ fresh: true });
      const after = await world.records("invoice");
      const moved = [...after].filter(([, row]) => row["zone"] === "Renamed Zone").map(([id]) => id);
      expect(moved).toEqual(concerned);
      expect(result.ledger.records.invoice?.delivered).toBe(concerned.length);
    });

    test("an invoice that becomes inactive is removed, and comes back when it is active again", async () => {
      const world = await createWorld(stores());
      await world.sync();
      const [id] = [...(await world.records("invoice")).keys()];
      const set = (active: boolean) =>
        world.simulator.mutate(world.tenantId, {
          kind: "edit",
          feed: "invoices",
          id: Number(id),
          set: { active },
        });
      set(false);
      expect((await world.sync({ fresh: true })).ledger.records.invoice).toMatchObject({
        delivered: 1,
        removed: 1,
      });
      expect((await world.records("invoice")).has(id ?? "")).toBe(false);
      set(true);
      await world.sync({ fresh: true });
      expect((await world.records("invoice")).has(id ?? "")).toBe(true);
    });

    test("a record that is valid again clears its rejection", async () => {
      const world = await createWorld(stores());
      await world.sync();
      const listed = () =>
        world.titan.rejections.list({ companyId: world.companyId, feed: "customers" }, { limit: 100 });
      const rejected = (await listed()).items.find((item) => item.rules.includes("address"));
      world.simulator.mutate(world.tenantId, {
        kind: "edit",
        feed: "customers",
        id: Number(rejected?.entityId),
        set: { name: "Mended Case", address: { street: "1 A St", city: "B", state: "IL", zip: "60601" } },
      });
      await world.sync({ fresh: true });
      expect((await listed()).items.map((item) => item.entityId)).not.toContain(rejected?.entityId);
      expect((await world.records("member")).has(rejected?.entityId ?? "")).toBe(true);
    });

    test("of the other data derives everything that landed before it was requested", async () => {
      const world = await createWorld(stores());
      await world.sync({ data: "customers" });
      const result = await world.sync({ data: "invoices" });
      expect(result.ledger.records.invoice?.derived).toBe(
        world.simulator.rows(world.tenantId, "invoices").length,
      );
    });
  });

  describe("data that changes during a run", () => {
    test("a contact that lands while its customer's record is being derived still reaches the sink", async () => {
      const world = await createWorld(stores());
      await world.sync({ data: "customers" });
      const [id] = [...(await world.records("member")).keys()];
      const customerId = Number(id);
      world.simulator.mutate(world.tenantId, {
        kind: "edit",
        feed: "customers",
        id: customerId,
        set: { name: "Changed Name" },
      });

      let meddled = false;
      const meddling = new Proxy(stores().storage, {
        get(target, property) {
          const value: unknown = Reflect.get(target, property);
          if (property !== "settleKeys" || typeof value !== "function") return value;
          // Between reading the customer's entities and settling its key, a new contact lands.
          return async (params: Parameters<Stores["storage"]["settleKeys"]>[0]) => {
            if (!meddled) {
              meddled = true;
              const row = {
                id: 987_654_321,
                customerId,
                active: true,
                type: "MobilePhone",
                value: "3125550199",
              };
              await target.landRows({
                lease: params.lease,
                scope: params.scope,
                feed: "customer-contacts",
                source: "export",
                entities: [
                  {
                    id: String(row.id),
                    payload: JSON.stringify(row),
                    contentHash: "new",
                    usedHash: "new",
                    modifiedOn: null,
                    links: { customer: id ?? null },
                  },
                ],
                rejections: [],
                touches: [{ record: "member", feed: "customers", link: "customer" }],
                repeated: 0,
                cursor: null,
                endsPage: false,
                markSeen: false,
                healsBefore: null,
              });
            }
            await target.settleKeys(params);
          };
        },
      });
      const result = await world.syncOn(meddling, { data: "customers", fresh: true });
      expect(result.status).toBe("completed");
      expect(meddled).toBe(true);
      const record = (await world.records("member")).get(id ?? "");
      expect(record?.["customer_name"]).toBe("Changed Name");
      expect(record?.["customer_phone_numbers"]).toContain("(312) 555-0199");
    });
  });

  describe("a range", () => {
    test("derives only what it read, removes nothing and does not move the cursors", async () => {
      const world = await createWorld(stores());
      const rows = world.simulator.rows(world.tenantId, "customers");
      const times = rows.map((row) => String(row["modifiedOn"])).sort();
      const from = `${times[Math.floor(times.length / 2)]?.slice(0, 10)}`;
      const expected = rows.filter((row) => String(row["modifiedOn"]) >= from).length;
      const result = await world.sync({ data: "customers", from });
      expect(result.status).toBe("completed");
      expect(result.ledger.records.member?.derived).toBe(expected);
      expect(expected).toBeLessThan(rows.length);
      const whole = await world.sync({ data: "customers" });
      expect(whole.ledger.records.member?.derived).toBe(rows.length);
    });

    test("by the invoices' date reads the invoices of that date", async () => {
      const world = await createWorld(stores());
      const rows = world.simulator.rows(world.tenantId, "invoices");
      const dates = rows.map((row) => String(row["invoiceDate"])).sort();
      const from = `${dates[Math.floor(dates.length / 2)]?.slice(0, 10)}`;
      const result = await world.sync({ data: "invoices", from, by: "invoiced" });
      expect(result.ledger.records.invoice?.derived).toBe(
        rows.filter((row) => row["invoiceDate"] !== null && String(row["invoiceDate"]) >= from).length,
      );
    });
  });

  describe("deriving again", () => {
    test("claims each batch from the last key of the previous one, and keys queued meanwhile at the end", async () => {
      const world = await createWorld(stores(), {
        tenant: { customers: 40, invoices: 0 },
        titan: { batchSize: 10 },
      });
      await world.sync({ data: "customers" });
      const claims: { after: string | null; ids: readonly string[] }[] = [];
      let isQueuedAgain = false;
      const storage: Storage = {
        ...world.storage,
        async claimKeys(params) {
          const keys = await world.storage.claimKeys(params);
          const ids = keys.map((key) => key.id);
          claims.push({ after: params.after, ids });
          return keys;
        },
        async settleKeys(params) {
          await world.storage.settleKeys(params);
          const [first] = claims[0]?.ids ?? [];
          if (isQueuedAgain || first === undefined) return;
          isQueuedAgain = true;
          await world.storage.requeueKeys({ ...params, ids: [first] });
        },
      };
      expect((await world.syncOn(storage, { data: "customers", rederive: true })).status).toBe("completed");
      for (const [index, { after }] of claims.entries()) {
        expect(after).toBe(claims[index - 1]?.ids.at(-1) ?? null);
      }
      expect(claims.map(({ ids }) => ids.length)).toEqual([10, 10, 10, 10, 0, 1, 0, 0]);
    });

    test("needs no request and finds everything unchanged", async () => {
      const world = await createWorld(stores());
      const first = await world.sync();
      world.simulator.resetCounters();
      const again = await world.sync({ rederive: true });
      expect(world.simulator.counters().requests).toBe(0);
      expect(again.ledger).toMatchObject({
        processed: first.ledger.processed,
        successful: 0,
        unchanged: first.ledger.successful,
      });
    });
  });
}
