import {
  createTitanSync,
  generateEncryptionKey,
  type HostRecord,
  memorySink,
  memoryStorage,
  staticKeys,
} from "@titan-sync/core";
import { createSimulator } from "@titan-sync/simulator";
import { estimateRecord } from "./estimates.js";
import { createEstimatesApi } from "./estimates-api.js";

/**
 * Syncs estimates beside members and invoices, changes one, deactivates one and erases a customer.
 * @param print - Takes a line of text.
 * @returns the estimates that the application has in the end, by their ids.
 */
export async function runOwnRecords(print: (line: string) => void): Promise<ReadonlyMap<string, HostRecord>> {
  const simulator = createSimulator({ rateLimitPerSecond: null, tenants: [{ customers: 20, invoices: 20 }] });
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");
  const [first, second] = simulator.rows(tenant.tenantId, "customers").map((customer) => customer.id);
  const api = createEstimatesApi();
  api.put({ id: 1, customerId: first, name: "New furnace", subtotal: 4200.5 });
  api.put({ id: 2, customerId: second, name: "Water heater", subtotal: 1800 });
  api.put({ id: 3, customerId: second, name: null, subtotal: 90 });
  api.put({ id: 4, customerId: first, name: "Thermostat", soldOn: "2026-01-02T08:00:00Z" });

  const sink = memorySink();
  await using titan = createTitanSync({
    storage: memoryStorage(),
    keys: staticKeys(generateEncryptionKey()),
    company: async () => ({ trade: "HVAC", timeZone: "America/Chicago" }),
    sink,
    records: [estimateRecord],
    // Without these lines, requests go to ServiceTitan itself.
    fetch: async (input, init) => {
      const request = new Request(input, init);
      return api.answer(request) ?? (await simulator.handle(request));
    },
    requestsPerSecond: 1000,
  });
  const credential = await titan.credentials.create({ companyId: "acme", ...tenant }, { test: true });
  print(`connected: ${credential.status}`);

  async function sync(data: string): Promise<void> {
    const run = await titan.sync({ credentialId: credential.id, data, fresh: true });
    const { status, ledger, warnings } = await run.result;
    const { delivered = 0, removed = 0, rejected = 0 } = ledger.records["estimate"] ?? {};
    print(`${status}: estimates: ${delivered} delivered, ${removed} of them removals, ${rejected} rejected`);
    for (const { code, message, count } of warnings) print(`  ${code} (${count ?? "-"}): ${message}`);
  }
  await sync("both");

  api.put({ id: 2, name: "Water heater, 80 gallons", subtotal: 2100 });
  api.put({ id: 4, active: false });
  await sync("estimates");

  const { records, remaining } = await titan.erase({ companyId: "acme", customerId: String(second) });
  print(`erased: ${records} records, ${remaining.length} remain`);
  await sync("estimates");
  return new Map([...sink.records("estimate")].map(([id, { record }]) => [id, record]));
}
