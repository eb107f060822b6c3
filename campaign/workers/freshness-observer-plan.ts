import type { CredentialStateName } from "@titan-sync/core";
import type { FastClock } from "../support/fast-clock.js";

/** What a process is to watch from outside while others sync. */
export interface FreshnessObserverPlan {
  readonly databaseUrl: string;
  /** Of the tenants' changes. */
  readonly logUrl: string;
  readonly clock: FastClock;
  readonly companies: readonly {
    readonly companyId: string;
    readonly tenantId: string;
    /** When its schedule was saved. */
    readonly scheduledAt: number;
  }[];
  readonly everyMs: number;
}

/** A run that is shown as running. */
export interface ShownRun {
  readonly runId: string;
  readonly pid: number | null;
}

export type FreshnessObserverMessage =
  /** One look at everything. */
  | {
      readonly kind: "looked";
      /** Before and after it, by the machine's clock. */
      readonly from: number;
      readonly to: number;
      readonly states: Readonly<Partial<Record<CredentialStateName, number>>>;
      readonly running: readonly ShownRun[];
      readonly lost: number;
      /** Changes that some claim speaks of, so far. */
      readonly claimed: number;
    }
  | { readonly kind: "fault"; readonly text: string }
  /** The database did not answer. */
  | { readonly kind: "blind"; readonly code: string };
