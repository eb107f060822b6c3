import { createSimulator, startSimulatorServer } from "@titan-sync/simulator";
import { expect, it } from "vitest";
import { runInvoiceStage, runReadStage } from "./stages.js";

it.each([null, 500])("reads every row of the feeds, with parallel pages of %s rows", async (pageSize) => {
  const simulator = createSimulator({
    tenants: [{ customers: 5200, invoices: 10 }],
    rateLimitPerSecond: null,
  });
  const server = await startSimulatorServer(simulator);
  try {
    const [tenant] = simulator.tenants;
    if (tenant === undefined) throw new Error("The simulator has no tenant.");
    const { tenantId, clientId, clientSecret, appKey } = tenant;
    const answer = await fetch(`${server.url}/connect/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: clientId,
        client_secret: clientSecret,
      }),
    });
    const { access_token: token } = (await answer.json()) as { readonly access_token: string };
    const read = await runReadStage({
      apiUrl: server.url,
      tenantId,
      appKey,
      token,
      feeds: ["customers", "invoices"],
      parallelPageSize: pageSize,
    });
    expect(read).toBe(5210);
    const isParallel = simulator.counters().requests > 10;
    expect(isParallel).toBe(pageSize !== null);
  } finally {
    await server.close();
  }
});

it("counts the invoices that become records", () => {
  const address = { street: "1 Main St", city: "Chicago", state: "IL", zip: "60601" };
  const invoice = {
    id: 1,
    total: "5.00",
    customer: { id: 7, name: "Ada Lovelace" },
    locationAddress: address,
  };
  const invoices = [
    { invoice: { ...invoice, invoiceDate: "2024-01-02T00:00:00Z", summary: "Done" } },
    { invoice: { ...invoice, id: 2, total: "a lot" } },
  ];
  expect(runInvoiceStage(invoices, { trade: "HVAC" })).toBe(1);
});
