import type { AlertFigures, AlertIdentity, AlertSeverity } from "../ports/alert-store.js";

/** Something that is wrong now. */
export interface AlertCondition extends AlertIdentity {
  /** Whose it is; `null` for the platform. */
  readonly companyId: string | null;
  readonly severity: AlertSeverity;
  /** Conditions of the same kind and cause are announced together. */
  readonly cause: string;
  /** Since when it has been so, in epoch milliseconds, as far as that is known. */
  readonly since: number;
  readonly figures: AlertFigures;
  /** Whether something else that is wrong explains it: nobody is told of it then. */
  readonly isExplained: boolean;
}

/** What is known of something that is not wrong any longer. */
export interface AlertEnding {
  /** Why: it was mended, somebody paused the credential, or the credential was removed. */
  readonly reason: "recovered" | "paused" | "removed";
  /** What has been caught up with since: "fresh as of 07:12". */
  readonly figures: AlertFigures;
}

/** Everything that one look has found. */
export interface Observation {
  /** Epoch milliseconds. */
  readonly at: number;
  /** One for each identity at most. */
  readonly conditions: readonly AlertCondition[];
  /** Whether this look could not tell if a condition holds: its alert stays as it is. */
  readonly isUnknown: (identity: AlertIdentity) => boolean;
  readonly endingOf: (identity: AlertIdentity) => AlertEnding;
  /** How many companies there are that are not paused. */
  readonly companies: number;
}
