import type { Host } from "./host.js";

/** What a populated host holds of each company. */
export interface Population {
  readonly credentialId: string;
  readonly runId: string;
  readonly otherCredentialId: string;
  readonly otherRunId: string;
  /** Every secret that was entered, none of which may ever come out. */
  readonly secrets: readonly string[];
  /** Personal data, which only rejected rows and dry runs show. */
  readonly customerNames: readonly string[];
}

/** Connects both companies and syncs each once. */
export async function populate({ titan, tenant, otherTenant, simulator }: Host): Promise<Population> {
  const credential = await titan.credentials.create({ companyId: "acme", ...tenant });
  const other = await titan.credentials.create({ companyId: "globex", ...otherTenant });
  const run = await (await titan.sync({ credentialId: credential.id })).result;
  const otherRun = await (await titan.sync({ credentialId: other.id })).result;
  const customers = [tenant, otherTenant].flatMap(({ tenantId }) => simulator.rows(tenantId, "customers"));
  const names = customers.map((row) => String(row["name"]).trim());
  return {
    customerNames: names.filter((name) => name.length > 5),
    credentialId: credential.id,
    runId: run.runId,
    otherCredentialId: other.id,
    otherRunId: otherRun.runId,
    secrets: [tenant, otherTenant].flatMap(({ clientId, clientSecret, appKey }) => [
      clientId,
      clientSecret,
      appKey,
    ]),
  };
}
