export type { Answer, Call, Outcome } from "./api/exchange.js";
export type { RetryAfterForm } from "./api/throttled.js";
export type { Change, ChangedEntity, CustomerOwnedFeed } from "./changes/change.js";
export type { Counters } from "./counters.js";
export type {
  Fault,
  FaultEffect,
  FaultEndpoint,
  FaultMatch,
  Faults,
  InjectedFault,
} from "./faults/fault.js";
export type { SimulatedFeed } from "./feeds.js";
export { simulatedFeeds } from "./feeds.js";
export type { SimulatorOptions, TenantOptions } from "./options.js";
export type { Row } from "./row.js";
export type { SimulatorServer, SimulatorServerOptions } from "./server.js";
export { startSimulatorServer } from "./server.js";
export type { Simulator } from "./simulator.js";
export { createSimulator } from "./simulator.js";
export type { SimulatedTenant } from "./tenant.js";
