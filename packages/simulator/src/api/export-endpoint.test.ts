import { describe, expect, test } from "vitest";
import type { SimulatorOptions, TenantOptions } from "../options.js";
import { createSimulator } from "../simulator.js";
import { connect, createManualClock, ids } from "../test-support.js";

const path = "crm/v2/tenant/1001/export/customers";

function simulate(tenant: TenantOptions, options: SimulatorOptions = {}) {
  return createSimulator({ rateLimitPerSecond: null, ...options, tenants: [tenant] });
}

function rows(...modifications: readonly string[]) {
  return modifications.map((modifiedOn, index) => ({ id: index + 1, active: true, modifiedOn }));
}

describe("an export", () => {
  test.each([
    "crm/v2/tenant/1001/export/customers",
    "crm/v2/tenant/1001/export/customers/contacts",
    "crm/v2/tenant/1001/export/locations",
    "accounting/v2/tenant/1001/export/invoices",
    "memberships/v2/tenant/1001/export/memberships",
    "memberships/v2/tenant/1001/export/membership-types",
    "jpm/v2/tenant/1001/export/jobs",
    "jpm/v2/tenant/1001/export/appointments",
  ])("delivers every row of %s once, inactive ones too", async (feedPath) => {
    const simulator = simulate({ customers: 60 }, { exportPageSize: 7 });
    const client = await connect(simulator);
    const feed = feedPath.endsWith("contacts") ? "customer-contacts" : (feedPath.split("/").at(-1) ?? "");
    const { rows: delivered } = await client.exportAll(feedPath);
    const truth = simulator.rows("1001", feed === "customer-contacts" ? feed : asFeed(feed));
    expect([...delivered].sort((left, right) => Number(left["id"]) - Number(right["id"]))).toEqual(truth);
  });

  test("continues past ties that are larger than a page", async () => {
    const simulator = simulate({ customers: 100, rowsPerInstant: 40 }, { exportPageSize: 9 });
    const client = await connect(simulator);
    const { rows: delivered, pages } = await client.exportAll(path);
    expect(pages).toBe(12);
    expect(new Set(ids(delivered)).size).toBe(100);
  });

  test("is ordered by modification to the seventh digit, then by id", async () => {
    const customers = rows(
      "2024-01-01T00:00:00.0000002Z",
      "2024-01-01T00:00:00.0000001Z",
      "2024-01-01T00:00:00Z",
    );
    const tie = { id: 0, modifiedOn: "2024-01-01T00:00:00.0000002Z" };
    const client = await connect(simulate({ entities: { customers: [...customers, tie] } }));
    expect(ids((await client.get(path)).data)).toEqual([3, 2, 0, 1]);
  });

  test("reports more pages exactly when there are more", async () => {
    const client = await connect(simulate({ customers: 10 }, { exportPageSize: 5 }));
    const first = await client.get(path);
    expect(first.body["hasMore"]).toBe(true);
    const from = encodeURIComponent(String(first.body["continueFrom"]));
    expect((await client.get(`${path}?from=${from}`)).body["hasMore"]).toBe(false);
  });

  test("returns only the same token after its end, and later changes afterwards", async () => {
    const clock = createManualClock();
    const simulator = simulate({ customers: 3 }, { now: clock.now, exportLagMs: 0 });
    const client = await connect(simulator);
    const { continueFrom } = await client.exportAll(path);
    const again = await client.exportAll(path, continueFrom);
    expect(again).toEqual({ rows: [], pages: 1, continueFrom });
    const [row] = simulator.rows("1001", "customers");
    simulator.mutate("1001", { kind: "edit", feed: "customers", id: row?.id ?? 0, set: { name: "New" } });
    expect((await client.exportAll(path, continueFrom)).rows).toMatchObject([{ id: row?.id, name: "New" }]);
  });

  test("accepts a date instead of a token, compared with the modification, inclusively", async () => {
    const customers = rows("2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z");
    const client = await connect(simulate({ entities: { customers } }));
    expect(ids((await client.get(`${path}?from=2024-02-01`)).data)).toEqual([2, 3]);
    expect(ids((await client.get(`${path}?from=2024-02-01T00:00:01Z`)).data)).toEqual([3]);
  });

  test("refuses tokens of other feeds and tenants, unescaped and made-up ones", async () => {
    const simulator = createSimulator({ tenants: [{ customers: 5 }, { customers: 5 }] });
    const [one, two] = [await connect(simulator, 0), await connect(simulator, 1)];
    const { continueFrom } = await one.exportAll("crm/v2/tenant/1001/export/locations");
    const foreign = await two.exportAll("crm/v2/tenant/1002/export/customers");
    for (const from of [continueFrom, foreign.continueFrom, "nonsense", `${continueFrom} `, "2024-99-99"]) {
      const { status, body } = await one.get(`${path}?from=${encodeURIComponent(from)}`);
      expect(status).toBe(400);
      expect(body["errors"]).toEqual({ from: [`The value '${from}' is not valid for From.`] });
    }
  });

  test("hides a change until the lag is over, unless recent changes are requested", async () => {
    const clock = createManualClock();
    const simulator = simulate({ customers: 4 }, { now: clock.now });
    const client = await connect(simulator);
    const { continueFrom } = await client.exportAll(path);
    const [row] = simulator.rows("1001", "customers");
    simulator.mutate("1001", { kind: "deactivate", feed: "customers", id: row?.id ?? 0 });
    const recent = `${path}?includeRecentChanges=true&from=${encodeURIComponent(continueFrom)}`;
    expect(ids((await client.get(recent)).data)).toEqual([row?.id]);
    clock.advance(15 * 60_000 - 1);
    expect((await client.exportAll(path)).rows).toHaveLength(3);
    expect((await client.exportAll(path, continueFrom)).rows).toEqual([]);
    clock.advance(1);
    const fresh = await connect(simulator);
    expect((await fresh.exportAll(path, continueFrom)).rows).toMatchObject([{ id: row?.id, active: false }]);
  });

  test("ignores unknown parameters", async () => {
    const client = await connect(simulate({ customers: 4 }));
    expect(
      (await client.get(`${path}?pageSize=1&active=False&modifiedOnOrAfter=2100-01-01`)).data,
    ).toHaveLength(4);
  });

  test("filters appointments by active, if requested", async () => {
    const appointments = [
      { id: 1, active: true, modifiedOn: "2024-01-01T00:00:00Z" },
      { id: 2, active: false, modifiedOn: "2024-01-02T00:00:00Z" },
    ];
    const client = await connect(simulate({ entities: { appointments } }, { exportPageSize: 1 }));
    const where = "jpm/v2/tenant/1001/export/appointments";
    expect(ids((await client.get(`${where}?active=False`)).data)).toEqual([2]);
    expect(ids((await client.get(`${where}?active=True`)).data)).toEqual([1]);
    expect(ids((await client.exportAll(where)).rows)).toEqual([1, 2]);
  });
});

function asFeed(name: string) {
  switch (name) {
    case "customers":
    case "locations":
    case "invoices":
    case "memberships":
    case "membership-types":
    case "jobs":
    case "appointments":
      return name;
    default:
      throw new Error(`no feed ${name}`);
  }
}
