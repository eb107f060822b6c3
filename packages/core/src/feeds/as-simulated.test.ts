import { createSimulator, type Row, type SimulatedFeed, simulatedFeeds } from "@titan-sync/simulator";
import { describe, expect, it } from "vitest";
import { feeds } from "../records/definitions/definitions.js";
import { type Feed, linkIdsOf } from "./feed.js";

// The simulator shares no code with this package: each was written from ServiceTitan's documentation. Where they
// differ, one of them has misread it.

const all: readonly Feed[] = Object.values(feeds);
const full = createSimulator({ seed: 5, tenants: [{ customers: 300, invoices: 600 }] });

function rowsOf(feed: string): readonly Row[] {
  const [tenant] = full.tenants;
  return tenant === undefined ? [] : full.rows(tenant.tenantId, feed as SimulatedFeed);
}

/** Asks for the first page of a feed as the engine does, with an app that was granted that feed's scope and no other. */
async function firstPage(feed: Feed): Promise<Response> {
  const simulator = createSimulator({ tenants: [{ customers: 2, invoices: 2, scopes: [feed.scope] }] });
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: tenant.clientId,
    client_secret: tenant.clientSecret,
  });
  const token = await simulator.handle(
    new Request("http://simulator/connect/token", { method: "POST", body }),
  );
  const { access_token: accessToken } = (await token.json()) as { readonly access_token: string };
  const path = feed.reader === "export" ? `export/${feed.path}` : feed.path;
  const query = feed.reader === "export" ? "" : `?${new URLSearchParams(feed.listQuery)}`;
  return simulator.handle(
    new Request(`http://simulator/${feed.module}/v2/tenant/${tenant.tenantId}/${path}${query}`, {
      headers: { authorization: `Bearer ${accessToken}`, "st-app-key": tenant.appKey },
    }),
  );
}

describe.each(all.map((feed) => [feed.name, feed] as const))("the feed %s", (name, feed) => {
  it("exists in the simulator", () => {
    expect(simulatedFeeds).toContain(name);
  });

  it("is at its path in the simulator, and requires the scope that it names", async () => {
    expect((await firstPage(feed)).status).toBe(200);
  });

  it("has simulated rows that pass its schema, with the documented fields and no others", () => {
    const { always, sometimes } = feed.fields;
    const rows = rowsOf(name);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) {
      expect(feed.schema.safeParse(row).error).toBeUndefined();
      expect(always.filter((field) => !Object.hasOwn(row, field))).toEqual([]);
      expect(Object.keys(row).filter((field) => ![...always, ...sometimes].includes(field))).toEqual([]);
    }
  });

  it("has simulated rows whose links lead to existing rows", () => {
    for (const link of feed.links) {
      const targets = new Set(rowsOf(link.feed).map((row) => String(row.id)));
      const ids = rowsOf(name).flatMap((row) => linkIdsOf(feed, row)[link.name] ?? []);
      expect(ids.length, `rows that name one by ${link.name}`).toBeGreaterThan(0);
      expect(
        ids.filter((id) => !targets.has(id)),
        `ids of ${link.name} that ${link.feed} lacks`,
      ).toEqual([]);
    }
  });
});
