import {
  createSimulator,
  type SimulatedTenant,
  type Simulator,
  type SimulatorServer,
  simulatedFeeds,
  startSimulatorServer,
} from "@titan-sync/simulator";
import type { ExpectedRows } from "../output/progress/progress-view.js";

export interface DemoSize {
  readonly customers: number;
  readonly invoices: number;
  readonly seed: number;
}

/** A simulated ServiceTitan with one tenant, behind a loopback port. */
export interface DemoSimulator {
  readonly simulator: Simulator;
  readonly server: SimulatorServer;
  readonly tenant: SimulatedTenant;
  readonly expected: ExpectedRows;
}

/** Starts it, with the small troubles of a working day built in: some answers are 429 and 503. */
export async function startDemoSimulator({ customers, invoices, seed }: DemoSize): Promise<DemoSimulator> {
  const simulator = createSimulator({ seed, tenants: [{ customers, invoices, environment: "production" }] });
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");
  // After the connection test, which does not retry its single request.
  simulator.faults.inject({ endpoint: "export", nth: 4, times: 2, effect: { kind: "throttle", seconds: 1 } });
  simulator.faults.inject({
    endpoint: "export",
    nth: 9,
    effect: { kind: "status", status: 503, body: "html" },
  });
  simulator.faults.inject({
    endpoint: "export",
    probability: 0.02,
    times: 3,
    effect: { kind: "status", status: 503 },
  });

  const counts = simulatedFeeds.map((feed) => [feed, simulator.rows(tenant.tenantId, feed).length]);
  return {
    simulator,
    server: await startSimulatorServer(simulator),
    tenant,
    expected: { ...Object.fromEntries(counts), member: customers, invoice: invoices },
  };
}
