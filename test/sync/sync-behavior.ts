import type { RecordBatch, RecordSinkObject, RunResult, Storage, SyncEvent } from "@titan-sync/core";
import { ConflictError, feeds, RecordRefusedError, ValidationError } from "@titan-sync/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWorld, type Row, type Stores, type World } from "./world.js";

/** What every storage with its own sink must show of a sync. */
export function describeSyncing(name: string, open: () => Promise<Stores>): void {
  describe(`syncing on ${name}`, () => {
    let stores: Stores;
    beforeAll(async () => {
      stores = await open();
    });
    afterAll(async () => {
      await stores.close();
    });

    describe("a first sync", () => {
      test("delivers every record that the rules allow, and its ledger adds up", async () => {
        const world = await createWorld(stores);
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
        const world = await createWorld(stores);
        const result = await world.sync({ data: "customers" });
        expect(Object.keys(result.ledger.feeds).sort()).toEqual([
          "customer-contacts",
          "customers",
          "membership-types",
          "memberships",
        ]);
        expect((await world.records("invoice")).size).toBe(0);
      });

      test("tells what happens as it happens, each feed from start to end", async () => {
        const world = await createWorld(stores);
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
      test("without changes reads one answer a feed and delivers nothing", async () => {
        const world = await createWorld(stores);
        await world.sync();
        world.simulator.resetCounters();
        const result = await world.sync();
        expect(result.ledger).toMatchObject({ processed: 0, successful: 0 });
        expect(world.simulator.counters().requests).toBe(9);
      });

      test("that is fresh moves exactly the records that changes concern", async () => {
        const world = await createWorld(stores);
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
        const moved = [...after].filter(
          ([id, row]) => JSON.stringify(row) !== JSON.stringify(before.get(id)),
        );
        expect(moved.map(([id]) => id)).toEqual([String(contact?.["customerId"])]);
        expect(moved[0]?.[1]["customer_phone_numbers"]).toContain("(773) 555-0100");
        expect(result.ledger.records.member?.delivered).toBe(1);
      });

      test("a contact that moves to another customer changes both customers' records", async () => {
        const world = await createWorld(stores);
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
        const world = await createWorld(stores);
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
        const world = await createWorld(stores);
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

      test("a record that is good again clears its rejection", async () => {
        const world = await createWorld(stores);
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

      test("of the other data derives everything that landed before it was asked for", async () => {
        const world = await createWorld(stores);
        await world.sync({ data: "customers" });
        const result = await world.sync({ data: "invoices" });
        expect(result.ledger.records.invoice?.derived).toBe(
          world.simulator.rows(world.tenantId, "invoices").length,
        );
      });
    });

    describe("work that changes while it is done", () => {
      test("a contact that lands while its customer's record is being derived still reaches the sink", async () => {
        const world = await createWorld(stores);
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
        const meddling = new Proxy(stores.storage, {
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

    describe("partial failure", () => {
      test("a missing scope of a related feed degrades that feed only", async () => {
        const world = await createWorld(stores);
        const fault = world.simulator.faults.inject({
          feed: "memberships",
          effect: { kind: "missing-scope" },
        });
        const result = await world.sync();
        expect(result.status).toBe("partial");
        expect(result.warnings).toContainEqual(
          expect.objectContaining({ code: "FEED_DEGRADED", message: expect.stringContaining("memberships") }),
        );
        const members = await world.records("member");
        expect(members.size).toBeGreaterThan(30);
        expect([...members.values()].every((row) => row["membership_type"] === null)).toBe(true);
        fault.remove();
        expect((await world.sync()).status).toBe("completed");
        const completed = await world.records("member");
        expect([...completed.values()].every((row) => row["membership_type"] !== null)).toBe(true);
      });

      test("a driver feed that fails fails the run, but not the other record type", async () => {
        const world = await createWorld(stores);
        world.simulator.faults.inject({ feed: "invoices", effect: { kind: "status", status: 500 } });
        const result = await world.sync();
        expect(result).toMatchObject({ status: "failed", error: { code: "API_UNAVAILABLE" } });
        expect((await world.records("member")).size).toBeGreaterThan(30);
        expect((await world.records("invoice")).size).toBe(0);
        world.simulator.faults.clear();
        expect((await world.sync()).status).toBe("completed");
        expect((await world.records("invoice")).size).toBeGreaterThan(70);
      });

      test("passing failures are waited out", async () => {
        const world = await createWorld(stores, { simulator: { exportPageSize: 20, seed: 5 } });
        const { faults } = world.simulator;
        faults.inject({ effect: { kind: "status", status: 503, body: "html" }, probability: 0.15 });
        faults.inject({ effect: { kind: "reset" }, probability: 0.1 });
        faults.inject({ effect: { kind: "cut-json" }, probability: 0.1 });
        const result = await world.sync();
        expect(result.status).toBe("completed");
        expect(result.api.retries).toBeGreaterThan(0);
        expectBalanced(result);
      });

      test("refused credentials fail the run and mark the credential", async () => {
        const world = await createWorld(stores);
        world.simulator.faults.inject({
          endpoint: "token",
          effect: { kind: "status", status: 401, body: "oauth" },
        });
        const result = await world.sync();
        expect(result).toMatchObject({ status: "failed", error: { code: "AUTH_INVALID_CREDENTIALS" } });
        expect((await world.titan.credentials.find(world.credentialId))?.status).toBe("error");
      });
    });

    describe("stopping", () => {
      test("a cancelled run says so, and the next one has everything in the end", async () => {
        const world = await createWorld(stores, { simulator: { exportPageSize: 10 } });
        const run = await world.titan.sync({ credentialId: world.credentialId });
        for await (const event of run.events()) {
          if (event.event === "batch:landed" && event.feed === "invoices") break;
        }
        await run.cancel();
        expect((await run.result).status).toBe("cancelled");
        expect((await world.sync()).status).toBe("completed");
        expect((await world.records("invoice")).size).toBeGreaterThan(70);
      });

      test("a signal that was aborted before cancels the run at once", async () => {
        const world = await createWorld(stores);
        const result = await world.sync({ signal: AbortSignal.abort() });
        expect(result.status).toBe("cancelled");
        expect(world.simulator.counters().requests).toBe(0);
      });

      test("a paused run is continued by an equal request under its id and version", async () => {
        const world = await createWorld(stores, { simulator: { exportPageSize: 10, latencyMs: 4 } });
        const first = await world.sync({ stopAfterMs: 25 });
        expect(first.status).toBe("paused");
        const run = await world.titan.sync({ credentialId: world.credentialId });
        expect(run).toMatchObject({ id: first.runId, resumed: true });
        const second = await run.result;
        expect(second.status).toBe("completed");
        expect(second.ledger.feeds["invoices"]?.read).toBe(
          world.simulator.rows(world.tenantId, "invoices").length,
        );
        expectBalanced(second);
      });

      test("another request ends the paused run and starts its own", async () => {
        const world = await createWorld(stores, { simulator: { exportPageSize: 10, latencyMs: 4 } });
        const first = await world.sync({ stopAfterMs: 25 });
        const second = await world.sync({ data: "customers" });
        expect(second.runId).not.toBe(first.runId);
        expect(await world.titan.runs.find(first.runId)).toMatchObject({
          status: "failed",
          error: { code: "SUPERSEDED" },
        });
      });

      test("a second start while a run is alive is refused and names the run", async () => {
        const world = await createWorld(stores, { simulator: { latencyMs: 10 } });
        const run = await world.titan.sync({ credentialId: world.credentialId });
        const second = world.titan.sync({ credentialId: world.credentialId });
        await expect(second).rejects.toBeInstanceOf(ConflictError);
        await expect(second).rejects.toMatchObject({ runId: run.id });
        expect((await run.result).status).toBe("completed");
      });

      test("closing cancels what is running and refuses what comes after", async () => {
        const world = await createWorld(stores, { simulator: { latencyMs: 20, exportPageSize: 10 } });
        const run = await world.titan.sync({ credentialId: world.credentialId });
        await world.titan.close();
        expect((await run.result).status).toBe("cancelled");
        await expect(world.sync()).rejects.toMatchObject({ code: "ABORTED" });
      });
    });

    describe("a full pass", () => {
      test("removes what has vanished", async () => {
        const world = await createWorld(stores);
        await world.sync();
        const [id] = [...(await world.records("member")).keys()];
        world.simulator.mutate(world.tenantId, { kind: "delete", feed: "customers", id: Number(id) });
        const incremental = await world.sync();
        expect(incremental.ledger.successful).toBe(0);
        const full = await world.sync({ mode: "full" });
        expect(full.ledger.records.member).toMatchObject({ removed: 1 });
        expect(full.ledger.records.member?.derived).toBe(40);
        expect((await world.records("member")).has(id ?? "")).toBe(false);
      });

      test("removes nothing when more than 5 % are gone, unless allowed", async () => {
        const world = await createWorld(stores);
        await world.sync();
        const gone = [...(await world.records("member")).keys()].slice(0, 4);
        const deletions = gone.map((id) => ({ kind: "delete", feed: "customers", id: Number(id) }) as const);
        world.simulator.mutate(world.tenantId, ...deletions);
        const held = await world.sync({ mode: "full" });
        expect(held.warnings).toContainEqual(
          expect.objectContaining({ code: "REMOVALS_HELD_BACK", count: 4 }),
        );
        expect(held.ledger.records.member?.removed).toBe(0);
        const allowed = await world.sync({ mode: "full", allowRemovals: true });
        expect(allowed.ledger.records.member?.removed).toBe(4);
      });

      test("keeps what only the most recent changes show", async () => {
        const world = await createWorld(stores);
        world.simulator.mutate(world.tenantId, {
          kind: "edit",
          feed: "customers",
          id: Number(world.simulator.rows(world.tenantId, "customers")[0]?.id),
          set: { name: "Just Now" },
        });
        await world.sync({ fresh: true });
        const full = await world.sync({ mode: "full" });
        expect(full.ledger.records.member?.removed).toBe(0);
        expect(full.warnings.map((warning) => warning.code)).not.toContain("REMOVALS_HELD_BACK");
      });

      test("that is paused goes on where it stood and still removes only what vanished", async () => {
        const world = await createWorld(stores, { simulator: { exportPageSize: 5, latencyMs: 3 } });
        await world.sync();
        const [id] = [...(await world.records("member")).keys()];
        world.simulator.mutate(world.tenantId, { kind: "delete", feed: "customers", id: Number(id) });
        let result = await world.sync({ mode: "full", stopAfterMs: 30 });
        let pauses = 0;
        // Longer each time, so that a slow machine gets somewhere.
        while (result.status === "paused" && pauses < 12) {
          pauses += 1;
          result = await world.sync({ mode: "full", stopAfterMs: 30 * 2 ** pauses });
        }
        expect(pauses).toBeGreaterThan(0);
        expect(result.status).toBe("completed");
        expect(result.ledger.records.member?.removed).toBe(1);
      });
    });

    describe("a credential that was removed with its data and created again", () => {
      test("is not ignored by a sink that has the tenant's records at higher revisions", async () => {
        const world = await createWorld(stores, { tenant: { customers: 30, invoices: 0 } });
        const { simulator, tenantId, companyId } = world;
        await world.sync({ data: "customers" });
        const [renamed, vanished] = [...(await world.records("member")).keys()].map(Number);
        const row = simulator.rows(tenantId, "customers").find(({ id }) => id === vanished);
        const rename = (name: string) =>
          simulator.mutate(tenantId, {
            kind: "edit",
            feed: "customers",
            id: renamed ?? 0,
            set: { name, type: "Commercial" },
          });
        for (const name of ["Second Name", "Third Name"]) {
          rename(name);
          await world.sync({ data: "customers", fresh: true });
        }
        simulator.mutate(tenantId, { kind: "delete", feed: "customers", id: vanished ?? 0 });
        await world.sync({ data: "customers", mode: "full", allowRemovals: true });
        expect((await world.records("member")).has(String(vanished))).toBe(false);

        await world.titan.credentials.remove(world.credentialId, { withData: true, force: true });
        rename("Fourth Name");
        simulator.mutate(tenantId, { kind: "add", feed: "customers", row: { ...row } });
        const [tenant] = simulator.tenants;
        if (tenant === undefined) throw new Error("The simulator has no tenant.");
        const { id: credentialId } = await world.titan.credentials.create({ companyId, ...tenant });
        const run = await world.titan.sync({ credentialId, data: "customers", fresh: true });
        expect(await run.result).toMatchObject({ status: "completed" });
        const records = await world.records("member");
        expect(records.get(String(renamed))?.["customer_name"]).toBe("Fourth Name");
        expect(records.has(String(vanished))).toBe(true);
      });
    });

    describe("a range", () => {
      test("derives only what it read, removes nothing and leaves the cursors alone", async () => {
        const world = await createWorld(stores);
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
        const world = await createWorld(stores);
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
      test("claims each batch from the last key of the one before, and what was listed meanwhile at the end", async () => {
        const world = await createWorld(stores, {
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
        const world = await createWorld(stores);
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

    describe("a sink of the host's own", () => {
      test("gets every record in batches by key, and a failed batch again byte for byte", async () => {
        const batches: RecordBatch[] = [];
        let failing: string | null = null;
        let isDown = true;
        const world = await createWorld(stores, {
          titan: {
            batchSize: 15,
            sink: async (batch) => {
              batches.push(structuredClone(batch));
              if (batches.length === 2) failing = batch.id;
              if (isDown && batch.id === failing) throw new Error("pipeline down");
              return { rejected: [] };
            },
          },
        });
        const first = await world.sync({ data: "customers" });
        expect(first).toMatchObject({ status: "failed", error: { code: "SINK" } });
        isDown = false;
        const second = await world.sync({ data: "customers" });
        expect(second.status).toBe("completed");
        const repeated = batches.filter((batch) => batch.id === failing);
        expect(repeated).toHaveLength(5);
        for (const batch of repeated) expect(batch).toEqual(batches[1]);
        for (const batch of batches) {
          const keys = batch.items.map((item) => Number(item.key));
          expect(keys).toEqual([...new Set(keys)].sort((left, right) => left - right));
          expect(batch.items.length).toBeLessThanOrEqual(15);
        }
        const delivered = new Set(batches.flatMap((batch) => batch.items.map((item) => item.key)));
        expect(delivered.size).toBe((first.ledger.successful ?? 0) + second.ledger.successful);
      });

      test("may refuse single items: they become rejections, the others count as delivered", async () => {
        const world = await createWorld(stores, {
          titan: {
            sink: async (batch) => ({
              rejected: batch.items.slice(0, 2).map((item) => ({ key: item.key, reason: "not wanted here" })),
            }),
          },
        });
        const result = await world.sync({ data: "customers" });
        expect(result.status).toBe("completed");
        const { items } = await world.titan.rejections.list(
          { companyId: world.companyId, stage: "sink" },
          { limit: 10 },
        );
        expect(items.map((item) => item.message)).toEqual(["not wanted here", "not wanted here"]);
        expectBalanced(result);
      });
    });

    describe("all credentials at once", () => {
      test("one tenant's failure stops no other, and each tells its own figures", async () => {
        const world = await createWorld(stores);
        const other = await world.titan.credentials.create({
          companyId: world.companyId,
          environment: "integration",
          tenantId: world.tenantId,
          clientId: "cid.unknown",
          clientSecret: "cs1.unknown",
          appKey: "ak1.unknown",
        });
        const handle = await world.titan.syncAll({ filter: { companyId: world.companyId } });
        const { status, tenants, totals } = await handle.result;
        expect(status).toBe("partial");
        const outcomes = new Map(tenants.map((tenant) => [tenant.credentialId, tenant]));
        expect(outcomes.get(other.id)).toMatchObject({ status: "failed", environment: "integration" });
        expect(outcomes.get(world.credentialId)).toMatchObject({ status: "completed", error: null });
        expect(totals.processed).toBe(outcomes.get(world.credentialId)?.result?.ledger.processed);
        expect((await world.records("invoice")).size).toBeGreaterThan(70);
      });
    });

    describe("a dry run", () => {
      test("of a first sync says what would come, and leaves everything as it was", async () => {
        const world = await createWorld(stores);
        const before = await dump(world);
        const dry = await world.sync({ dryRun: true });
        expect(dry.error).toBeNull();
        expect(dry.status).toBe("completed");
        expectBalanced(dry);
        expect(await dump(world)).toEqual(before);
        const real = await world.sync();
        expect(dry.diff).toMatchObject({
          insert: real.ledger.successful,
          update: 0,
          unchanged: 0,
          remove: 0,
          reject: real.ledger.failed,
        });
        expect(real.diff).toBeNull();
        expect(dry.ledger.records).toEqual(real.ledger.records);
        const samples = dry.diff?.samples ?? [];
        const inserted = samples.find(
          (sample) => sample.operation === "insert" && sample.record === "member",
        );
        expect(inserted).toMatchObject({ before: null, changed: [] });
        const { version: _, ...row } = { version: null, ...inserted?.after };
        expect(row).toEqual((await world.records("member")).get(inserted?.key ?? ""));
        expect(samples.filter((sample) => sample.operation === "reject")[0]?.rules).not.toEqual([]);
      });

      test("of a later sync shows what each record was and would be", async () => {
        const world = await createWorld(stores);
        await world.sync();
        const [first, second] = [...(await world.records("member")).keys()];
        const invoice = [...(await world.records("invoice")).keys()][0] ?? "";
        world.simulator.mutate(
          world.tenantId,
          { kind: "edit", feed: "customers", id: Number(first), set: { name: "Newly Named" } },
          { kind: "delete", feed: "customers", id: Number(second) },
          { kind: "edit", feed: "invoices", id: Number(invoice), set: { active: false } },
        );
        const before = await dump(world);
        const dry = await world.sync({ dryRun: true, mode: "full" });
        expect(await dump(world)).toEqual(before);
        const samples = new Map(dry.diff?.samples.map((item) => [`${item.operation} ${item.key}`, item]));
        const update = samples.get(`update ${first}`);
        expect(update?.changed).toContain("customer_name");
        expect(update?.before?.customer_name).not.toBe("Newly Named");
        expect(update?.after?.customer_name).toBe("Newly Named");
        expect(samples.get(`remove ${second}`)).toMatchObject({ record: "member", after: null });
        expect(samples.get(`remove ${invoice}`)?.before).toMatchObject({ software: "ServiceTitan" });
        const real = await world.sync({ mode: "full" });
        expect(dry.ledger.records).toEqual(real.ledger.records);
        expect(dry.diff).toMatchObject({
          remove: 2,
          unchanged: real.ledger.unchanged,
          reject: real.ledger.failed,
        });
      });

      test.each([
        ["of a range", { data: "customers", from: "2020-01-01" }],
        ["of deriving again", { rederive: true }],
        ["that reads the most recent changes", { fresh: true }],
      ] as const)("%s comes to what the run itself comes to", async (_, request) => {
        const world = await createWorld(stores);
        await world.sync();
        world.simulator.mutate(world.tenantId, {
          kind: "edit",
          feed: "zones",
          id: world.simulator.rows(world.tenantId, "zones")[0]?.id ?? 0,
          set: { name: "Renamed" },
        });
        const before = await dump(world);
        const dry = await world.sync({ ...request, dryRun: true });
        expect(await dump(world)).toEqual(before);
        const real = await world.sync(request);
        expect(dry.ledger.records).toEqual(real.ledger.records);
        expect(dry.ledger.feeds).toEqual(real.ledger.feeds);
      });

      test("sees what an earlier run has left to do, and sends nothing of it", async () => {
        let isDown = true;
        let writes = 0;
        const world = await createWorld(stores, {
          titan: {
            batchSize: 10,
            sink: async () => {
              writes += 1;
              if (isDown) throw new Error("pipeline down");
              return { rejected: [] };
            },
          },
        });
        expect((await world.sync({ data: "customers" })).status).toBe("failed");
        writes = 0;
        const before = await dump(world);
        const dry = await world.sync({ data: "customers", dryRun: true });
        expect(writes).toBe(0);
        expect(await dump(world)).toEqual(before);
        isDown = false;
        const real = await world.sync({ data: "customers" });
        expect(dry.diff?.insert).toBe(real.ledger.successful);
      });

      test("goes on beside a run that counts, is audited, and is marked in its events", async () => {
        const world = await createWorld(stores, { simulator: { latencyMs: 5 } });
        const real = await world.titan.sync({ credentialId: world.credentialId });
        const dry = await world.titan.sync({ credentialId: world.credentialId, dryRun: true, actor: "me" });
        for await (const event of dry.events()) {
          if (event.event === "run:start") expect(event.dryRun).toBe(true);
        }
        expect((await real.result).status).toBe("completed");
        expect((await dry.result).status).toBe("completed");
        expect(await world.titan.runs.find(dry.id)).toBeNull();
        const { items } = await world.titan.audit.list({ companyId: world.companyId }, { limit: 50 });
        const own = items.filter((entry) => entry.subject === dry.id).map((entry) => entry.action);
        expect(own).toEqual(["dry-run:end", "dry-run:start"]);
      });
    });

    describe("erasing a customer", () => {
      /** A customer with a delivered member and invoices, and the ids of the latter. */
      async function pickCustomer(world: World) {
        const members = await world.records("member");
        const invoices = world.simulator.rows(world.tenantId, "invoices");
        const ownerOf = (row: Row) => String((row["customer"] as Row | null)?.["id"]);
        const delivered = await world.records("invoice");
        const customerId = [...members.keys()].find((id) =>
          invoices.some((row) => ownerOf(row) === id && delivered.has(String(row["id"]))),
        );
        if (customerId === undefined) throw new Error("No customer with an invoice was delivered.");
        const own = invoices.filter((row) => ownerOf(row) === customerId).map((row) => String(row["id"]));
        return { customerId, name: members.get(customerId)?.["customer_name"], invoiceIds: own };
      }

      const entitiesNamed = async (world: World, text: unknown): Promise<readonly string[]> => {
        const scope = {
          companyId: world.companyId,
          environment: "production",
          tenantId: world.tenantId,
        } as const;
        const found: string[] = [];
        for (const feed of feedNames) {
          const ids = await world.storage.listEntityIds({ scope, feed, after: null, limit: 1000 });
          const rows = await world.storage.findEntities({ scope, feed, ids: ids.map((row) => row.id) });
          found.push(...rows.filter((row) => row.payload.includes(String(text))).map((row) => row.payload));
        }
        return found;
      };

      test("leaves nothing of it in storage and sink, and everything of the others", async () => {
        const world = await createWorld(stores);
        await world.sync();
        const { companyId } = world;
        const { customerId, invoiceIds } = await pickCustomer(world);
        const before = { members: await world.records("member"), invoices: await world.records("invoice") };
        expect(await entitiesNamed(world, `"customerId":${customerId},`)).not.toEqual([]);
        const erased = await world.titan.erase({ companyId, customerId, actor: "officer" });
        expect(erased).toMatchObject({ remaining: [], suppressed: true });
        expect(erased.entities).toBeGreaterThan(1 + invoiceIds.length);
        expect(await entitiesNamed(world, `"customerId":${customerId},`)).toEqual([]);
        expect(await entitiesNamed(world, `"customer":{"id":${customerId},`)).toEqual([]);
        const members = await world.records("member");
        const invoices = await world.records("invoice");
        expect([...before.members.keys()].filter((id) => !members.has(id))).toEqual([customerId]);
        const gone = [...before.invoices.keys()].filter((id) => !invoices.has(id));
        expect(gone.every((id) => invoiceIds.includes(id))).toBe(true);
        expect(erased.records).toBe(1 + gone.length);
        const current = await world.titan.records.list({ record: "invoice", companyId }, { limit: 500 });
        expect(current.items.map((item) => item.id)).toEqual([...invoices.keys()]);
        const audit = await world.titan.audit.list({ companyId }, { limit: 5 });
        expect(audit.items[0]).toMatchObject({
          actor: "officer",
          action: "customer:erase",
          subject: await world.titan.suppressions.hashOf({ companyId, customerId }),
          outcome: "success",
        });
        expect(JSON.stringify(audit.items)).not.toContain(`"${customerId}"`);
      });

      test("leaves nothing of it in refused records of others that were joined with its job", async () => {
        let refused: string | null = null;
        const ownerOf = new Map<string, string | null>();
        const world = await createWorld(stores, {
          titan: {
            sink: async ({ record, items }) => {
              for (const item of items)
                if (record === "invoice" && item.op === "upsert")
                  ownerOf.set(item.key, item.record.customer_id);
              const isRefused = ({ key, op }: (typeof items)[number]) => key === refused && op === "upsert";
              return { rejected: items.filter(isRefused).map(({ key }) => ({ key, reason: "locked" })) };
            },
          },
        });
        await world.sync();
        const { companyId, simulator, tenantId } = world;
        const job = simulator.rows(tenantId, "jobs")[0];
        const customerId = String(job?.["customerId"]);
        refused = [...ownerOf].find(([, owner]) => owner !== customerId)?.[0] ?? null;
        simulator.mutate(
          tenantId,
          { kind: "edit", feed: "jobs", id: Number(job?.id), set: { summary: "the erased one's words" } },
          { kind: "edit", feed: "invoices", id: Number(refused), set: { job: { id: job?.id, number: "1" } } },
        );
        await world.sync({ fresh: true });
        const payloads = async () =>
          (await world.titan.rejections.list({ companyId, stage: "sink" }, { limit: 9 })).items.map(
            ({ payload }) => payload,
          );
        expect(await payloads()).toEqual([expect.stringContaining("the erased one's words")]);

        expect((await world.titan.erase({ companyId, customerId })).rejections).toBeGreaterThan(0);
        expect((await payloads()).join()).not.toContain("the erased one's words");
        // Derived again without it, and refused again: nothing of the other's is lost.
        await world.sync();
        expect(await payloads()).toEqual([expect.stringContaining(`"invoice_number"`)]);
        expect((await payloads()).join()).not.toContain("the erased one's words");
      });

      test("that is not to be kept out holds until the customer is read again", async () => {
        const world = await createWorld(stores);
        await world.sync();
        const { companyId } = world;
        const { customerId } = await pickCustomer(world);
        expect(await world.titan.erase({ companyId, customerId, suppress: false })).toMatchObject({
          suppressed: false,
        });
        await world.sync();
        expect((await world.records("member")).has(customerId)).toBe(false);
        expect(await world.titan.erase({ companyId, customerId, suppress: false })).toMatchObject({
          entities: 0,
          records: 0,
        });
        await world.sync({ mode: "full" });
        expect((await world.records("member")).has(customerId)).toBe(true);
      });

      test("keeps it out whatever reads it, counts its rows, and removes nothing else for that", async () => {
        const world = await createWorld(stores);
        await world.sync();
        const { companyId, titan } = world;
        const { customerId, invoiceIds } = await pickCustomer(world);
        await titan.erase({ companyId, customerId });
        const before = { members: await world.records("member"), invoices: await world.records("invoice") };

        const full = await world.sync({ mode: "full" });
        expect(full).toMatchObject({ status: "completed" });
        expectBalanced(full);
        expect(full.ledger.feeds["customers"]?.suppressed).toBe(1);
        expect(full.ledger.feeds["invoices"]?.suppressed).toBe(invoiceIds.length);
        expect(full.warnings.map((warning) => warning.code)).not.toContain("REMOVALS_HELD_BACK");
        const range = await world.sync({ from: "2000-01-01", by: "modified" });
        expectBalanced(range);
        expect(range.ledger.feeds["invoices"]?.suppressed).toBe(invoiceIds.length);
        expect((await world.sync({ mode: "full", dryRun: true })).ledger.feeds["customers"]?.suppressed).toBe(
          1,
        );
        await (await titan.rejections.replay({ credentialId: world.credentialId })).result;

        expect(await entitiesNamed(world, `"customerId":${customerId},`)).toEqual([]);
        expect(await entitiesNamed(world, `"customer":{"id":${customerId},`)).toEqual([]);
        expect([...(await world.records("member")).keys()]).toEqual([...before.members.keys()]);
        expect([...(await world.records("invoice")).keys()]).toEqual([...before.invoices.keys()]);
      });

      test("brings it back whole with the next full sync once it is lifted, and lets it be seen", async () => {
        const world = await createWorld(stores);
        await world.sync();
        const { companyId, titan } = world;
        const { customerId } = await pickCustomer(world);
        const before = { members: await world.records("member"), invoices: await world.records("invoice") };
        await titan.erase({ companyId, customerId });
        const hash = await titan.suppressions.hashOf({ companyId, customerId });
        const { items } = await titan.suppressions.list({ companyId }, { limit: 9 });
        expect(items).toMatchObject([{ customer: hash, scope: { companyId, tenantId: world.tenantId } }]);
        expect(await titan.suppressions.find({ companyId, customerId })).toEqual(items);
        expect(await titan.suppressions.find({ companyId, customerId: "99" })).toEqual([]);
        expect(await titan.suppressions.lift({ companyId: "nobody", customerId })).toBe(0);
        expect(await titan.suppressions.lift({ companyId, customerId, environment: "integration" })).toBe(0);
        expect(await titan.suppressions.lift({ companyId, customerId, actor: "officer" })).toBe(1);
        const audit = await titan.audit.list({ companyId }, { limit: 1 });
        expect(audit.items[0]).toMatchObject({ actor: "officer", action: "suppression:lift", subject: hash });
        expect((await world.sync({ mode: "full" })).ledger.feeds["customers"]?.suppressed).toBe(0);
        expect([...(await world.records("member")).keys()]).toEqual([...before.members.keys()]);
        expect([...(await world.records("invoice")).keys()]).toEqual([...before.invoices.keys()]);
      });

      test("keeps out a customer that was erased before its tenant was ever synced", async () => {
        const world = await createWorld(stores);
        const { companyId } = world;
        const customerId = String(world.simulator.rows(world.tenantId, "customers")[0]?.id);
        expect(await world.titan.erase({ companyId, customerId })).toMatchObject({
          entities: 0,
          suppressed: true,
        });
        const first = await world.sync({ data: "customers" });
        expect(first.ledger.feeds["customers"]?.suppressed).toBe(1);
        expect((await world.records("member")).has(customerId)).toBe(false);
      });

      test("says which records a sink still has that does not remove", async () => {
        const sent: RecordBatch[] = [];
        const world = await createWorld(stores, {
          titan: {
            sink: {
              supportsRemoval: false,
              write: async (batch) => {
                sent.push(batch);
                return { rejected: [] };
              },
            },
          },
        });
        await world.sync();
        const { companyId, tenantId } = world;
        const member = sent.find((batch) => batch.record === "member")?.items[0];
        const customerId = member?.key ?? "";
        const invoices = sent.flatMap((batch) =>
          batch.items.filter((item) => item.op === "upsert" && item.record.customer_id === customerId),
        );
        const erased = await world.titan.erase({ companyId, customerId });
        expect(erased.records).toBe(0);
        expect(erased.remaining.map(({ key }) => key).sort()).toEqual(invoices.map(({ key }) => key).sort());
        expect(erased.remaining).toContainEqual({
          environment: "production",
          tenantId,
          record: "member",
          key: customerId,
          why: "kept",
          reason: null,
        });
      });

      test("says which records a sink still has that refused their removal", async () => {
        let isRefusing = false;
        const world = await createWorld(stores, {
          titan: {
            sink: async ({ items }) => ({
              rejected: isRefusing ? items.map(({ key }) => ({ key, reason: "locked" })) : [],
            }),
          },
        });
        await world.sync({ data: "customers" });
        const { companyId } = world;
        const page = await world.titan.records.list({ record: "member", companyId }, { limit: 1 });
        const customerId = page.items[0]?.id ?? "";
        isRefusing = true;
        expect(await world.titan.erase({ companyId, customerId })).toMatchObject({
          records: 0,
          remaining: [{ record: "member", key: customerId, why: "refused", reason: "locked" }],
        });
      });

      test("names the one record whose removal the sink refused; the others go", async () => {
        let poison: string | null = null;
        const isPoison = ({ key }: RecordBatch["items"][number]): boolean => key === poison;
        const sink: RecordSinkObject =
          typeof stores.sink === "function" ? { write: stores.sink } : stores.sink;
        const { writeIn } = sink;
        const world = await createWorld(stores, {
          titan: {
            sink: {
              ...sink,
              async write(batch, context) {
                const items = batch.items.filter((item) => !isPoison(item));
                await sink.write({ ...batch, items }, context);
                const refused = batch.items.filter(isPoison);
                return { rejected: refused.map(({ key }) => ({ key, reason: "it is paid" })) };
              },
              ...(writeIn !== undefined && {
                async writeIn(transaction, batch, context) {
                  const answer = await writeIn(transaction, batch, context);
                  if (batch.items.some(isPoison)) throw new RecordRefusedError("it is paid");
                  return answer;
                },
              }),
            },
          },
        });
        await world.sync();
        const { companyId } = world;
        const invoices = await world.records("invoice");
        const members = await world.records("member");
        const ownersOf = [...invoices.values()].map((row) => row["customer_id"]);
        const customerId = [...members.keys()].find(
          (id) => ownersOf.filter((owner) => owner === id).length > 1,
        );
        if (customerId === undefined) throw new Error("No member has two invoices.");
        const own = [...invoices].filter(([, row]) => row["customer_id"] === customerId).map(([id]) => id);
        poison = own[0] ?? null;
        expect(await world.titan.erase({ companyId, customerId })).toMatchObject({
          records: own.length,
          remaining: [{ record: "invoice", key: poison, why: "refused", reason: "it is paid" }],
        });
        expect((await world.records("member")).has(customerId)).toBe(false);
        const left = await world.records("invoice");
        expect(own.filter((id) => left.has(id))).toEqual([poison]);
      });

      test("is refused while a run of the tenant is alive", async () => {
        const world = await createWorld(stores, { simulator: { latencyMs: 10 } });
        const run = await world.titan.sync({ credentialId: world.credentialId });
        await expect(
          world.titan.erase({ companyId: world.companyId, customerId: "1" }),
        ).rejects.toMatchObject({ code: "CONFLICT", runId: run.id });
        await run.result;
      });

      test("a host's sink that fails gets the removals from the next run", async () => {
        const batches: RecordBatch[] = [];
        let isDown = false;
        const world = await createWorld(stores, {
          titan: {
            sink: async (batch) => {
              if (isDown) throw new Error("pipeline down");
              batches.push(structuredClone(batch));
              return { rejected: [] };
            },
          },
        });
        await world.sync({ data: "customers" });
        const customerId = batches[0]?.items[0]?.key ?? "";
        isDown = true;
        const { companyId } = world;
        await expect(world.titan.erase({ companyId, customerId })).rejects.toMatchObject({ code: "SINK" });
        isDown = false;
        batches.length = 0;
        expect((await world.sync({ data: "customers" })).ledger.records.member).toMatchObject({ removed: 1 });
        expect(batches.flatMap((batch) => batch.items)).toEqual([
          { op: "remove", key: customerId, revision: expect.any(Number) },
        ]);
        expect((await world.titan.erase({ companyId, customerId })).records).toBe(0);
        expect(batches).toHaveLength(1);
      });

      test("of an unknown customer or company erases nothing, and says so alike", async () => {
        const world = await createWorld(stores);
        await world.sync({ data: "customers" });
        const nothing = { entities: 0, records: 0, rejections: 0, remaining: [] };
        const { companyId } = world;
        expect(await world.titan.erase({ companyId, customerId: "99999999" })).toEqual({
          ...nothing,
          suppressed: true,
        });
        expect(await world.titan.erase({ companyId: "nobody", customerId: "1" })).toEqual({
          ...nothing,
          suppressed: false,
        });
        await expect(world.titan.erase({ companyId, customerId: "all" })).rejects.toMatchObject({
          issues: ["customerId: expected digits"],
        });
      });
    });

    describe("asking wrongly", () => {
      test("an unknown credential is refused", async () => {
        const world = await createWorld(stores);
        await expect(world.sync({ credentialId: "nobody" })).rejects.toBeInstanceOf(ValidationError);
      });

      test("an unknown company is refused with what to do", async () => {
        const world = await createWorld(stores, { titan: { company: async () => null } });
        await expect(world.sync()).rejects.toMatchObject({
          code: "CONFIG_INVALID",
          hint: expect.any(String),
        });
      });
    });
  });
}

const feedNames = Object.keys(feeds) as (keyof typeof feeds)[];

/** Everything that a storage and its sink show of a company; the audit log and the token aside. */
async function dump({ storage, credentialId, ...world }: World) {
  const { companyId, tenantId } = world;
  const scope = { companyId, environment: "production", tenantId } as const;
  const page = { limit: 1000 };
  const entities: unknown[] = [];
  const listed: unknown[] = [];
  for (const feed of feedNames) {
    const ids = (await storage.listEntityIds({ scope, feed, after: null, limit: 1000 })).map((row) => row.id);
    entities.push(await storage.findEntities({ scope, feed, ids }));
    for (const record of ["member", "invoice"] as const) {
      listed.push(await storage.listPendingIds({ scope, record, feed, after: null, limit: 1000 }));
      entities.push(await storage.findDeliveredRecords({ scope, record, ids }));
    }
  }
  const credential = await storage.findCredential(credentialId);
  return {
    entities,
    listed,
    lastSyncAt: credential?.lastSyncAt,
    cursors: [...(await storage.findCursors(scope))].sort(([left], [right]) => left.localeCompare(right)),
    batches: await storage.listStagedBatches(scope),
    runs: await storage.listRuns({ companyId }, page),
    rejections: await storage.listRejections({ companyId }, page),
    members: await storage.listRecords({ record: "member", companyId }, page),
    invoices: await storage.listRecords({ record: "invoice", companyId }, page),
    sink: [await world.records("member"), await world.records("invoice")],
  };
}

/** `read = landed + unchanged + superseded + suppressed + rejected`, and likewise for records. */
function expectBalanced({ ledger }: RunResult): void {
  for (const figures of Object.values(ledger.feeds)) {
    const { landed, unchanged, superseded, suppressed, rejected } = figures;
    expect(figures.read).toBe(landed + unchanged + superseded + suppressed + rejected);
  }
  for (const figures of Object.values(ledger.records)) {
    expect(figures.derived).toBe(figures.delivered + figures.unchanged + figures.leftOut + figures.rejected);
  }
}
