import type { CompanyMapping } from "@titan-sync/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openMemoryStores } from "../sync/memory-stores.js";
import { createWorld, type Stores, type World } from "../sync/world.js";

let stores: Stores;
beforeAll(async () => {
  stores = await openMemoryStores();
});
afterAll(() => stores.close());

async function connected(mapping: CompanyMapping = {}): Promise<World> {
  const company = async () => ({ trade: "HVAC", timeZone: "UTC", mapping });
  const world = await createWorld(stores, { titan: { company } });
  await world.sync();
  return world;
}

/** Changes the balance of the customer who has most invoices. */
function owe({ simulator, tenantId }: World, balance: number): { readonly invoices: number } {
  const counts = new Map<number, number>();
  for (const row of simulator.rows(tenantId, "invoices")) {
    const { id } = row["customer"] as { readonly id: number };
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  const [[id, invoices] = [0, 0]] = [...counts].sort(([, one], [, other]) => other - one);
  simulator.mutate(tenantId, { kind: "edit", feed: "customers", id, set: { balance } });
  return { invoices };
}

describe("a change of a field that no record shows", () => {
  test("a changed `balance`, which no record uses, derived a customer's whole history again", async () => {
    const world = await connected();
    owe(world, 12);
    const { ledger } = await world.sync({ fresh: true });
    expect(ledger.feeds["customers"]).toMatchObject({ landed: 1 });
    expect(ledger.processed).toBe(0);
  });

  test("is derived if a company's column shows it", async () => {
    const world = await connected({ invoice: { owed: "customer.balance" } });
    const { invoices } = owe(world, 12);
    expect(invoices).toBeGreaterThan(1);
    const { ledger } = await world.sync({ fresh: true });
    expect(ledger.records.invoice).toMatchObject({ derived: invoices });
  });

  test("is derived if a company's function may show it", async () => {
    const world = await connected({ invoice: { owed: ({ customer }) => String(customer?.["balance"]) } });
    const { invoices } = owe(world, 12);
    expect((await world.sync({ fresh: true })).ledger.records.invoice).toMatchObject({ derived: invoices });
  });

  test("is in the record once the mapping shows it and the records are derived again", async () => {
    let mapping: CompanyMapping = {};
    const company = async () => ({ trade: "HVAC", timeZone: "UTC", mapping });
    const world = await createWorld(stores, { titan: { company } });
    await world.sync();
    owe(world, 12);
    await world.sync({ fresh: true });
    mapping = { invoice: { trade: "customer.balance" } };
    await world.sync({ rederive: true });
    const showing = async (balance: string) =>
      [...(await world.records("invoice")).values()].filter((row) => row["trade"] === balance).length;
    const before = await showing("12");
    expect(before).toBeGreaterThan(1);
    owe(world, 13);
    await world.sync({ fresh: true });
    expect(await showing("13")).toBe(before);
  });
});
