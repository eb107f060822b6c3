import {
  type CompanyDetails,
  memorySink,
  memoryStorage,
  type RecordSink,
  type SyncEvent,
} from "@titan-sync/core";
import { openRun } from "@titan-sync/core/testing";
import { describe, expect, test } from "vitest";
import { openMemoryStores } from "../sync/memory-stores.js";
import { createWorld, type Row, type World } from "../sync/world.js";

type Change = (path: string, row: Row) => Row | null;

const same: Change = (_path, row) => row;

/** A world whose rows a test may change on their way out, and which paths were asked for. */
async function driftingWorld(details: () => CompanyDetails = () => ({ trade: "HVAC" })) {
  const stores = await openMemoryStores();
  const asked: string[] = [];
  const state = { change: same, missing: [] as readonly string[] };
  const world: World = await createWorld(stores, {
    titan: {
      company: async () => details(),
      fetch: async (input, init) => {
        const request = new Request(input, init);
        const path = new URL(request.url).pathname.replace(/^\/[a-z-]+\/v2\/tenant\/\d+\//, "");
        asked.push(path);
        if (state.missing.some((end) => path.endsWith(end))) {
          return Response.json({ status: 404, title: "Resource not found" }, { status: 404 });
        }
        const answer = await world.simulator.handle(request);
        if (!answer.ok || path.endsWith("token")) return answer;
        const body = (await answer.json()) as { readonly data: readonly Row[] };
        const data = body.data.flatMap((row) => state.change(path, row) ?? []);
        return Response.json({ ...body, data }, { headers: answer.headers });
      },
    },
  });
  /** Every row of a feed was changed just now. */
  function touch(feed: "customers" | "customer-contacts"): void {
    for (const { id } of world.simulator.rows(world.tenantId, feed)) {
      world.simulator.mutate(world.tenantId, { kind: "edit", feed, id, set: {} });
    }
  }
  return { world, stores, state, asked, touch };
}

const codes = ({ warnings }: { readonly warnings: readonly { readonly code: string }[] }) =>
  warnings.map(({ code }) => code);

describe("Rows that cannot be used", () => {
  test("fail the run if their driver has no other rows, and delivered records remain", async () => {
    const { world, state, touch } = await driftingWorld();
    await world.sync();
    const before = await world.records("member");
    touch("customers");
    state.change = (path, row) => (path.endsWith("customers") ? { ...row, active: 1 } : row);
    const result = await world.sync({ fresh: true });
    expect(result).toMatchObject({
      status: "failed",
      error: { code: "DATA_DRIFT", hint: expect.any(String) },
    });
    expect(await world.records("member")).toEqual(before);
    state.change = same;
    expect(await world.sync({ fresh: true })).toMatchObject({ status: "completed" });
  });

  test("degrade a related feed, and no phone is lost", async () => {
    const { world, state } = await driftingWorld();
    await world.sync();
    const before = await world.records("member");
    state.change = (path, { value, ...row }) =>
      path.endsWith("contacts")
        ? { ...row, phoneNumber: value }
        : { ...row, ...(value !== undefined && { value }) };
    const result = await world.sync({ mode: "full" });
    expect(result.status).toBe("partial");
    expect(codes(result)).toEqual(expect.arrayContaining(["FIELD_ABSENT", "FEED_DEGRADED"]));
    expect(await world.records("member")).toEqual(before);
  });

  test("count as failed, in the result, the last event and the history, with a warning", async () => {
    const { world, state } = await driftingWorld();
    const [broken] = world.simulator.rows(world.tenantId, "customers");
    state.change = (path, row) =>
      path.endsWith("customers") && row["id"] === broken?.id ? { ...row, type: { id: 1 } } : row;
    const run = await world.titan.sync({ credentialId: world.credentialId, data: "customers" });
    const events: SyncEvent[] = [];
    for await (const event of run.events()) events.push(event);
    const result = await run.result;
    const records = result.ledger.records.member?.rejected ?? 0;
    expect(result.ledger.feeds["customers"]).toMatchObject({ rejected: 1 });
    expect(result.ledger.failed).toBe(records + 1);
    expect(events.at(-1)).toMatchObject({ event: "run:end", failed: records + 1 });
    expect(result.warnings).toContainEqual({
      code: "ROWS_REJECTED",
      message: expect.stringContaining("customers"),
      count: 1,
    });
  });
});

describe("A record that is not delivered", () => {
  test("raises a warning where the sink refuses it", async () => {
    const stores = await openMemoryStores();
    const sink: RecordSink = async ({ items }) => ({
      rejected: items.map(({ key }) => ({ key, reason: "not here" })),
    });
    const world = await createWorld({ ...stores, sink }, { tenant: { customers: 3, invoices: 0 } });
    const result = await world.sync({ data: "customers" });
    expect(result).toMatchObject({ status: "completed", ledger: { failed: 3 } });
    expect(result.warnings).toContainEqual({
      code: "RECORDS_REJECTED",
      message: expect.stringContaining("member"),
      count: 3,
    });
  });

  test("raises a warning where a rule rejects it", async () => {
    const stores = await openMemoryStores();
    const world = await createWorld(stores, {
      tenant: { customers: 3, invoices: 0 },
      titan: { company: async () => ({ trade: "HVAC", rules: { alsoRequired: { member: ["unit"] } } }) },
    });
    const { ledger, warnings } = await world.sync({ data: "customers" });
    expect(warnings).toContainEqual(
      expect.objectContaining({ code: "RECORDS_REJECTED", count: ledger.records.member?.rejected }),
    );
  });
});

describe("A full sync", () => {
  test("removes nothing of a feed in which a row has no readable id, and says so", async () => {
    const { world, state } = await driftingWorld();
    await world.sync();
    const before = await world.records("member");
    const [id = ""] = before.keys();
    state.change = (path, { id: own, ...row }) =>
      path.endsWith("customers") && String(own) === id ? { ...row, Id: own } : { id: own, ...row };
    const result = await world.sync({ mode: "full" });
    expect(result.status).toBe("completed");
    expect(result.warnings).toContainEqual({
      code: "REMOVALS_HELD_BACK",
      message: expect.stringContaining("without a readable id"),
      count: 1,
    });
    expect((await world.records("member")).has(id)).toBe(true);
    await world.sync({ mode: "full", allowRemovals: true });
    expect((await world.records("member")).has(id)).toBe(false);
  });
});

describe("Replaying", () => {
  test("does not restore what was removed after its row was rejected", async () => {
    const stores = await openMemoryStores();
    const storage = memoryStorage();
    const sink = memorySink({ storage });
    const world = await createWorld({ ...stores, storage, sink });
    await world.sync();
    const scope = {
      companyId: world.companyId,
      environment: "production",
      tenantId: world.tenantId,
    } as const;
    const [removed] = [...sink.records("member", scope).keys()];
    const id = Number(removed);
    const row = world.simulator.rows(world.tenantId, "customers").find((one) => one.id === id);
    world.simulator.mutate(world.tenantId, { kind: "delete", feed: "customers", id });
    await world.sync({ mode: "full", allowRemovals: true });
    expect(sink.records("member", scope).has(String(id))).toBe(false);

    const begun = await openRun(storage, {
      credentialId: world.credentialId,
      scope,
      runId: "an earlier one",
    });
    await storage.landRows({
      lease: begun.lease,
      scope,
      feed: "customers",
      source: "export",
      entities: [],
      rejections: [
        {
          feed: "customers",
          entityId: String(id),
          stage: "structure",
          rules: ["structure"],
          message: "type",
          payload: JSON.stringify({ ...row, modifiedOn: "2090-01-01T00:00:00Z" }),
        },
      ],
      touches: [],
      repeated: 0,
      cursor: null,
      endsPage: false,
      markSeen: false,
      healsBefore: null,
    });
    await storage.endRun({ lease: begun.lease, status: "completed", warnings: [], error: null });

    const { result } = await world.titan.rejections.replay({ credentialId: world.credentialId });
    expect((await result).warnings).toContainEqual(
      expect.objectContaining({ code: "REJECTIONS_LEFT", count: 1 }),
    );
    expect(sink.records("member", scope).has(String(id))).toBe(false);
  });

  test("does not land a row that would empty a column, unless the company accepts that", async () => {
    let details: CompanyDetails = { trade: "HVAC" };
    const { world, state } = await driftingWorld(() => details);
    await world.sync();
    const members = [...(await world.records("member"))];
    const [id = ""] = members.find(([, row]) => row["customer_phone_numbers"] !== null) ?? [];
    const contacts = world.simulator
      .rows(world.tenantId, "customer-contacts")
      .filter((row) => String(row["customerId"]) === id);
    for (const contact of contacts) {
      world.simulator.mutate(world.tenantId, {
        kind: "edit",
        feed: "customer-contacts",
        id: contact.id,
        set: {},
      });
    }
    state.change = (path, { value, ...row }) =>
      path.endsWith("contacts") || value === undefined ? row : { ...row, value };
    expect(await world.sync({ fresh: true })).toMatchObject({ status: "completed" });
    const phones = async () => (await world.records("member")).get(id)?.["customer_phone_numbers"];
    expect(await phones()).toEqual(expect.any(String));
    const counted = await world.titan.rejections.count({ companyId: world.companyId, stage: "structure" });
    expect(counted).toMatchObject([{ feed: "customer-contacts", rules: ["drift"], count: contacts.length }]);

    await (await world.titan.rejections.replay({ credentialId: world.credentialId })).result;
    expect(await phones()).toEqual(expect.any(String));
    details = { ...details, acceptAbsent: ["customer-contacts.value"] };
    await (await world.titan.rejections.replay({ credentialId: world.credentialId })).result;
    expect(await phones()).toBeNull();
  });
});

describe("A feed that a company leaves out", () => {
  const off = { memberships: "off", "membership-types": "off" } as const;

  test("is suggested if the tenant has no such feed, and lets runs complete", async () => {
    let details: CompanyDetails = { trade: "HVAC" };
    const { world, state, asked } = await driftingWorld(() => details);
    state.missing = ["/memberships", "/membership-types"];
    const first = await world.sync({ data: "customers" });
    expect(first.status).toBe("partial");
    expect(first.warnings.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(
        /404 [^.]*\. Check .* turn it off in the company.s options: feeds: \{"memberships":"off"\}/,
      ),
    );
    details = { ...details, feeds: off };
    asked.length = 0;
    expect(await world.sync({ data: "customers" })).toMatchObject({ status: "completed", warnings: [] });
    expect(asked.filter((path) => path.includes("membership"))).toEqual([]);
  });

  test("empties its columns even if it landed before, and fills them when it is turned on again", async () => {
    let details: CompanyDetails = { trade: "HVAC" };
    const { world } = await driftingWorld(() => details);
    await world.sync();
    const before = await world.records("member");
    expect([...before.values()].some((row) => row["active_member"] === "Yes")).toBe(true);
    details = { ...details, feeds: off };
    const without = await world.sync();
    expect(without.status).toBe("completed");
    for (const row of (await world.records("member")).values()) {
      expect(row).toMatchObject({ active_member: null, current_status: null, membership_type: null });
    }
    expect((await world.sync()).ledger.processed).toBe(0);
    details = { ...details, feeds: { memberships: "on" } };
    await world.sync();
    expect(await world.records("member")).toEqual(before);
  });

  test("leaves invoices their own date if appointments are turned off", async () => {
    const { world } = await driftingWorld(() => ({
      trade: "HVAC",
      feeds: { jobs: "off", appointments: "off" },
    }));
    const result = await world.sync({ data: "invoices" });
    expect(result.ledger.successful).toBeGreaterThan(0);
    for (const row of (await world.records("invoice")).values()) {
      expect(row["first_appointment"]).toEqual(expect.any(String));
    }
  });

  test("requires no scope", async () => {
    const stores = await openMemoryStores();
    const world = await createWorld(stores, {
      tenant: { customers: 3, invoices: 3, scopes: ["tn.crm.customers:r"] },
      titan: {
        company: async () => ({
          trade: "HVAC",
          feeds: { ...off, jobs: "off", appointments: "off", locations: "off", zones: "off" },
        }),
      },
    });
    const { missingScopes } = await world.titan.credentials.test(world.credentialId);
    expect(missingScopes).not.toContain("tn.mem.memberships:r");
    expect(missingScopes).toContain("tn.acc.invoices:r");
  });
});

describe("What is unusual about a run", () => {
  test("is among its warnings: the share of rejected records is in the result", async () => {
    const stores = await openMemoryStores();
    const world = await createWorld(stores, {
      tenant: { customers: 120, invoices: 0 },
      titan: { company: async () => ({ trade: "HVAC", rules: { alsoRequired: { member: ["unit"] } } }) },
    });
    const result = await world.sync({ data: "customers" });
    expect(result.ledger.failed).toBeGreaterThan(6);
    expect(codes(result)).toContain("REJECTED_SHARE");
  });

  test("is recorded as scheduled if a schedule started it", async () => {
    const stores = await openMemoryStores();
    const world = await createWorld(stores);
    await world.sync({ type: "scheduled" });
    await world.sync();
    const { items } = await world.titan.runs.list({ companyId: world.companyId }, { limit: 5 });
    expect(items.map(({ type }) => type)).toEqual(["manual", "scheduled"]);
  });
});
