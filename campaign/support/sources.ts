import { generateEncryptionKey } from "@titan-sync/core";
import {
  createSimulator,
  type SimulatedTenant,
  type Simulator,
  type SimulatorOptions,
  startSimulatorServer,
} from "@titan-sync/simulator";

/** A simulated ServiceTitan with one tenant, that processes reach. */
export interface Source {
  readonly simulator: Simulator;
  readonly tenant: SimulatedTenant;
  readonly url: string;
  readonly encryptionKey: string;
  readonly companyId: string;
  close(): Promise<void>;
}

/** Small pages, so that a run commits often. */
export async function openSource({
  companyId = "company-1",
  ...options
}: SimulatorOptions & { readonly companyId?: string } = {}): Promise<Source> {
  const simulator = createSimulator({
    rateLimitPerSecond: null,
    exportPageSize: 25,
    exportLagMs: 0,
    tenants: [{ customers: 60, invoices: 120 }],
    ...options,
  });
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");
  const server = await startSimulatorServer(simulator);
  return {
    simulator,
    tenant,
    url: server.url,
    encryptionKey: generateEncryptionKey(),
    companyId,
    close: () => server.close(),
  };
}
