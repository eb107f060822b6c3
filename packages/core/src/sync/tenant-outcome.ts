import type { RunFailure } from "../ports/sync-run.js";
import type { Environment } from "../ports/tenant.js";
import type { RunResult } from "./run-handle.js";

/** The outcome of one tenant of several. */
export interface TenantOutcome {
  readonly credentialId: string;
  readonly companyId: string;
  readonly environment: Environment;
  /**
   * `failed` also when the run could not start or its end could not be stored; `cancelled` and `paused`
   * also when it was not started.
   */
  readonly status: RunResult["status"];
  /** `null` when there was no run, or its end could not be stored. */
  readonly result: RunResult | null;
  /** What went wrong. A run that is in progress elsewhere is a `CONFLICT`. */
  readonly error: RunFailure | null;
  /** The error that was thrown if `status` is `failed` and there is no `result`; otherwise `null`. */
  readonly cause: unknown;
}
