import type { Row, SimulatedTenant } from "@titan-sync/simulator";
import type { FastClock } from "../support/fast-clock.js";
import type { LoggedChange } from "../support/freshness-judgment.js";

/** A ServiceTitan of many tenants, in its own process, whose rows keep changing. */
export interface BusyTenantsPlan {
  readonly seed: number;
  readonly tenants: number;
  readonly customers: number;
  readonly invoices: number;
  readonly clock: FastClock;
  readonly latencyMs: number;
  readonly exportPageSize: number;
  readonly changesPerSecond: number;
  /** Of so many tenants, the last ones, feeds fail and are refused. */
  readonly faultyTenants: number;
  /** They get other faults each time. */
  readonly faultsEveryMs: number;
}

export interface BusyTenantsMessage {
  readonly kind: "ready";
  /** Where the API is. */
  readonly url: string;
  /** Where its log is. */
  readonly logUrl: string;
  readonly tenants: readonly SimulatedTenant[];
}

/** What `GET /changes?after=…` answers. */
export interface ChangesAnswer {
  readonly changes: readonly (LoggedChange & { readonly tenantId: string })[];
  /** How many faults struck so far. */
  readonly faults: number;
}

/** What `GET /rows` answers: the rows of the feeds that changes can be seen in, by tenant and feed. */
export type RowsAnswer = Readonly<Record<string, Readonly<Record<string, readonly Row[]>>>>;
