import { createSimulator } from "@titan-sync/simulator";
import { expect, test } from "vitest";
import { generateEncryptionKey } from "../../crypto/generate-key.js";
import { staticKeys } from "../../crypto/static-keys.js";
import { memoryStorage } from "../../memory/memory-storage.js";
import type { CompanyDetails } from "../../ports/company-directory.js";
import { createTitanSync } from "../../titan-sync.js";

/** What a second run reads and derives after the balance of a customer changed, and nothing else. */
async function afterChangedBalance(settings: Partial<CompanyDetails>) {
  const customer = { id: 7, active: true, name: "Jane Sample", balance: 0 };
  const invoice = (id: number) => ({ id, active: true, total: "5.00", customer: { id: 7 } });
  const simulator = createSimulator({
    rateLimitPerSecond: null,
    tenants: [{ entities: { customers: [customer], invoices: [invoice(1), invoice(2)] } }],
  });
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");
  await using titan = createTitanSync({
    storage: memoryStorage(),
    keys: staticKeys(generateEncryptionKey()),
    sink: async () => ({ rejected: [] }),
    company: async () => ({ trade: "HVAC", ...settings }),
    fetch: (input, init) => simulator.handle(new Request(input, init)),
  });
  const { id: credentialId } = await titan.credentials.create({ companyId: "acme", ...tenant });
  await (await titan.sync({ credentialId })).result;
  simulator.mutate(tenant.tenantId, { kind: "edit", feed: "customers", id: 7, set: { balance: 12.5 } });
  const { ledger } = await (await titan.sync({ credentialId, fresh: true })).result;
  return { landed: ledger.feeds["customers"]?.landed, derived: ledger.records };
}

test("a changed `balance`, which no record uses, causes no derivation", async () => {
  const { landed, derived } = await afterChangedBalance({});
  expect(landed).toBe(1);
  expect(derived).toEqual({});
});

test("a changed `balance` derives again the records whose column shows it", async () => {
  const mapping = { invoice: { owed: "customer.balance" } };
  const { derived } = await afterChangedBalance({ mapping });
  expect(derived).toMatchObject({ invoice: { derived: 2 } });
});
