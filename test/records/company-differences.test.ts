import type { CompanyDetails, RecordBatch } from "@titan-sync/core";
import { ConfigError } from "@titan-sync/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openMemoryStores } from "../sync/memory-stores.js";
import { createWorld, type Stores, type World } from "../sync/world.js";

let stores: Stores;
beforeAll(async () => {
  stores = await openMemoryStores();
});
afterAll(() => stores.close());

/** A company whose details a test may change between runs. */
async function changingCompany(given: Partial<CompanyDetails> = {}) {
  let details: CompanyDetails = { trade: "HVAC", ...given };
  const world = await createWorld(stores, { titan: { company: async () => details } });
  return {
    world,
    change(changes: Partial<CompanyDetails>): void {
      details = { ...details, ...changes };
    },
  };
}

describe("A company's mapping and rules", () => {
  test("add a column and fill another, also in records delivered before, without the API", async () => {
    const { world, change } = await changingCompany();
    await world.sync();
    const before = await world.records("invoice");
    change({
      mapping: {
        invoice: {
          balance: "invoice.balance",
          trade: ({ invoice }) => `Trade of ${invoice.id}`,
        },
      },
    });
    world.simulator.resetCounters();
    const result = await world.sync({ rederive: true });
    expect(world.simulator.counters().requests).toBe(0);
    const after = await world.records("invoice");
    expect([...after.keys()]).toEqual([...before.keys()]);
    for (const [id, row] of after) {
      const invoice = world.simulator.rows(world.tenantId, "invoices").find((one) => String(one.id) === id);
      expect(row).toEqual({
        ...before.get(id),
        trade: `Trade of ${id}`,
        balance: String(invoice?.["balance"]),
      });
    }
    expect(result.ledger.records.invoice).toMatchObject({
      delivered: after.size,
      rejected: expect.any(Number),
    });
    expect((await world.sync({ rederive: true })).ledger.records.invoice?.delivered).toBe(0);
  });

  test("pass added columns to a host's function", async () => {
    const batches: RecordBatch[] = [];
    const world = await createWorld(stores, {
      titan: {
        company: async () => ({ trade: "HVAC", mapping: { member: { kind: "customer.type" } } }),
        sink: async (batch) => {
          batches.push(batch);
          return { rejected: [] };
        },
      },
    });
    await world.sync({ data: "customers" });
    const items = batches.flatMap((batch) => batch.items);
    expect(items.length).toBeGreaterThan(0);
    for (const item of items) expect(item).toMatchObject({ record: { kind: expect.any(String) } });
  });

  test("reject what a stricter rule refuses and deliver it again when the rule is removed", async () => {
    const { world, change } = await changingCompany();
    await world.sync();
    const before = await world.records("invoice");
    const without = [...before].filter(([, row]) => row["zone"] === null).map(([id]) => id);
    expect(without.length).toBeGreaterThan(0);

    change({ rules: { alsoRequired: { invoice: ["zone"] } } });
    await world.sync({ rederive: true });
    expect(await rejectedFor(world, "zone")).toEqual(without.toSorted());

    change({ rules: {} });
    await world.sync({ rederive: true });
    expect(await rejectedFor(world, "zone")).toEqual([]);
  });

  test("warn once for each rule, with the number of records", async () => {
    const { world } = await changingCompany({ rules: { required: "warn", address: "warn", names: "warn" } });
    const result = await world.sync();
    const counted = new Map(result.warnings.map(({ code, count }) => [code, count]));
    const records = [
      ...(await world.records("member")).values(),
      ...(await world.records("invoice")).values(),
    ];
    const incomplete = records.filter((row) =>
      ["zip", "street", "city", "state"].some((part) => row[part] === null),
    );
    expect(incomplete.length).toBeGreaterThan(0);
    expect(counted.get("INCOMPLETE_ADDRESS")).toBe(incomplete.length);
    expect(new Set(counted.keys()).size).toBe(result.warnings.length);
  });

  test("leave out inactive and merged customers, also those that were delivered before", async () => {
    const { world, change } = await changingCompany({ rules: { address: "warn", names: "warn" } });
    const [one, other, third] = world.simulator
      .rows(world.tenantId, "customers")
      .filter((row) => row["active"]);
    const ids = [one, other, third].map((row) => row?.id ?? 0);
    const [inactive = 0, merged = 0, target = 0] = ids;
    await world.sync();
    expect([...(await world.records("member")).keys()]).toEqual(expect.arrayContaining(ids.map(String)));

    world.simulator.mutate(world.tenantId, { kind: "deactivate", feed: "customers", id: inactive });
    world.simulator.mutate(world.tenantId, { kind: "merge", feed: "customers", id: merged, intoId: target });
    change({ rules: { address: "warn", names: "warn", leaveOutMergedCustomers: true } });
    await world.sync({ fresh: true });
    await world.sync({ rederive: true });
    let members = await world.records("member");
    expect([inactive, merged, target].map((id) => members.has(String(id)))).toEqual([true, false, true]);

    change({ rules: { address: "warn", names: "warn", leaveOutInactiveCustomers: true } });
    await world.sync({ rederive: true });
    members = await world.records("member");
    expect([inactive, merged, target].map((id) => members.has(String(id)))).toEqual([false, false, true]);
  });

  test("stop a run before it starts if invalid, with all problems listed at once", async () => {
    const { world } = await changingCompany({
      timeZone: "Mars/Olympus",
      rules: { phones: "strict" as "reject", alsoRequired: { member: ["zone"] } },
      mapping: { member: { gate: "customer.customfields[0].value" } },
    });
    const refused = world.titan.sync({ credentialId: world.credentialId });
    await expect(refused).rejects.toBeInstanceOf(ConfigError);
    await expect(refused).rejects.toThrow(
      /4 mistakes: timeZone: .*rules\.phones: .*mapping\.member\.gate: /s,
    );
  });

  test("are stored as paths, and refused as functions", async () => {
    const { world } = await changingCompany();
    const mapping = { member: { kind: "customer.type" } };
    await world.titan.companies.save(world.companyId, { trade: "HVAC", mapping });
    expect(await world.titan.companies.find(world.companyId)).toMatchObject({ mapping });
    const refused = world.titan.companies.save(world.companyId, {
      trade: "HVAC",
      mapping: { member: { kind: () => "x" } },
    });
    await expect(refused).rejects.toThrow("mapping.member.kind: a function cannot be stored");
    expect(await world.titan.companies.find(world.companyId)).toMatchObject({ mapping });
  });
});

async function rejectedFor(world: World, column: string): Promise<readonly string[]> {
  const { items } = await world.titan.rejections.list(
    { companyId: world.companyId, feed: "invoices", stage: "record" },
    { limit: 100 },
  );
  return items
    .filter(({ message }) => message.includes(`required and empty: ${column}`))
    .map(({ entityId }) => entityId)
    .toSorted();
}
