import { beforeEach, describe, expect, test } from "vitest";
import { simulatedFeeds } from "../feeds.js";
import { createSimulator, type Simulator } from "../simulator.js";
import { connect, createManualClock } from "../test-support.js";

const old = "2024-01-01T00:00:00Z";
const now = "2026-01-15T12:00:00Z";

const entities = {
  customers: [
    { id: 1, active: true, name: "One", mergedToId: null, modifiedOn: old },
    { id: 2, active: true, name: "Two", mergedToId: null, modifiedOn: old },
  ],
  "customer-contacts": [{ id: 10, active: true, customerId: 1, value: "5555550100", modifiedOn: old }],
  invoices: [{ id: 20, active: true, customer: { id: 1, name: "One" }, total: "1.00", modifiedOn: old }],
};

let simulator: Simulator;
beforeEach(() => {
  simulator = createSimulator({ tenants: [{ entities }], now: createManualClock().now, exportLagMs: 0 });
});

function row(feed: (typeof simulatedFeeds)[number], id: number) {
  return simulator.rows("1001", feed).find((candidate) => candidate.id === id);
}

describe("a change", () => {
  test("edits fields and sets modifiedOn to the simulator's time", () => {
    const changed = simulator.mutate("1001", {
      kind: "edit",
      feed: "customers",
      id: 1,
      set: { name: "Uno" },
    });
    expect(changed).toEqual([{ feed: "customers", id: 1, kind: "edit" }]);
    expect(row("customers", 1)).toEqual({ ...entities.customers[0], name: "Uno", modifiedOn: now });
  });

  test("can leave modifiedOn unchanged, so that exports never show it", () => {
    simulator.mutate("1001", {
      kind: "edit",
      feed: "customers",
      id: 1,
      set: { name: "Uno" },
      keepModifiedOn: true,
    });
    expect(row("customers", 1)).toMatchObject({ name: "Uno", modifiedOn: old });
  });

  test("adds an entity under the next id", () => {
    expect(simulator.mutate("1001", { kind: "add", feed: "customers", row: { name: "Three" } })).toEqual([
      { feed: "customers", id: 3, kind: "add" },
    ]);
    expect(row("customers", 3)).toEqual({ id: 3, name: "Three", createdOn: now, modifiedOn: now });
  });

  test("never reuses an id", () => {
    simulator.mutate("1001", { kind: "delete", feed: "customers", id: 2 });
    expect(simulator.mutate("1001", { kind: "add", feed: "customers", row: {} })).toMatchObject([{ id: 3 }]);
  });

  test("merges a customer into another", () => {
    simulator.mutate("1001", { kind: "merge", feed: "customers", id: 1, intoId: 2 });
    expect(row("customers", 1)).toMatchObject({ active: false, mergedToId: 2, modifiedOn: now });
    expect(row("customers", 2)).toMatchObject({ active: true, modifiedOn: old });
  });

  test("moves what belongs to a customer without changing the customers' modifiedOn", () => {
    simulator.mutate(
      "1001",
      { kind: "move", feed: "customer-contacts", id: 10, customerId: 2 },
      { kind: "move", feed: "invoices", id: 20, customerId: 2 },
    );
    expect(row("customer-contacts", 10)).toMatchObject({ customerId: 2, modifiedOn: now });
    expect(row("invoices", 20)).toMatchObject({ customer: { id: 2, name: "Two" }, modifiedOn: now });
    expect([row("customers", 1), row("customers", 2)]).toEqual(entities.customers);
  });

  test("deactivates an entity, which exports still deliver", async () => {
    simulator.mutate("1001", { kind: "deactivate", feed: "invoices", id: 20 });
    const client = await connect(simulator);
    const { data } = await client.get("accounting/v2/tenant/1001/export/invoices");
    expect(data).toMatchObject([{ id: 20, active: false, modifiedOn: now }]);
  });

  test("deletes an entity, which disappears everywhere", async () => {
    simulator.mutate("1001", { kind: "delete", feed: "customers", id: 1 });
    const client = await connect(simulator);
    expect((await client.get("crm/v2/tenant/1001/export/customers")).data).toMatchObject([{ id: 2 }]);
    expect((await client.get("crm/v2/tenant/1001/customers?active=Any")).data).toMatchObject([{ id: 2 }]);
    expect((await client.get("crm/v2/tenant/1001/customers/1")).status).toBe(404);
  });

  test("is never skipped by an earlier token, even if the clock stands still", async () => {
    const client = await connect(simulator);
    const path = "crm/v2/tenant/1001/export/customers";
    simulator.mutate("1001", { kind: "edit", feed: "customers", id: 2, set: { name: "Dos" } });
    const { continueFrom } = await client.exportAll(path);
    simulator.mutate("1001", { kind: "edit", feed: "customers", id: 1, set: { name: "Uno" } });
    expect((await client.exportAll(path, continueFrom)).rows).toMatchObject([{ id: 1, name: "Uno" }]);
  });

  test("shares its modification time with the others of the same call", () => {
    simulator.mutate("1001", { kind: "deactivate", feed: "customers", id: 1 });
    simulator.mutate(
      "1001",
      { kind: "deactivate", feed: "customers", id: 1 },
      { kind: "deactivate", feed: "customers", id: 2 },
    );
    expect(row("customers", 1)?.["modifiedOn"]).toBe("2026-01-15T12:00:00.0000001Z");
    expect(row("customers", 2)?.["modifiedOn"]).toBe("2026-01-15T12:00:00.0000001Z");
  });

  test("fails for an entity, a customer or a tenant that does not exist", () => {
    const missing = { kind: "deactivate", feed: "customers", id: 99 } as const;
    expect(() => simulator.mutate("1001", missing)).toThrow("There is no entity 99 in customers.");
    const nobody = { kind: "move", feed: "customer-contacts", id: 10, customerId: 99 } as const;
    expect(() => simulator.mutate("1001", nobody)).toThrow("There is no entity 99 in customers.");
    expect(() => simulator.mutate("7", missing)).toThrow("There is no tenant 7.");
  });
});

describe("random changes", () => {
  test("change exactly the given number of different entities", () => {
    const lively = createSimulator({ tenants: [{ customers: 200 }] });
    const read = () =>
      new Map(
        simulatedFeeds.flatMap((feed) =>
          lively.rows("1001", feed).map((found) => [`${feed}/${found.id}`, JSON.stringify(found)] as const),
        ),
      );
    const before = read();
    const changed = lively.mutateRandomly({ count: 50, seed: 3 });
    const moved = [...read()].filter(([key, text]) => before.get(key) !== text).map(([key]) => key);
    expect(changed).toHaveLength(50);
    expect(moved.sort()).toEqual(changed.map(({ feed, id }) => `${feed}/${id}`).sort());
    expect(new Set(changed.map(({ kind }) => kind))).toEqual(
      new Set(["edit", "deactivate", "merge", "move"]),
    );
  });

  test("are the same for the same seed", () => {
    const run = (seed: number) =>
      createSimulator({ tenants: [{ customers: 50 }] }).mutateRandomly({ count: 20, seed });
    expect(run(3)).toEqual(run(3));
    expect(run(4)).not.toEqual(run(3));
  });

  test("fail if there are not enough entities", () => {
    expect(() => simulator.mutateRandomly({ count: 10 })).toThrow("The tenant has no 10 entities to change.");
  });
});
