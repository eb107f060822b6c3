import type { CredentialSummary } from "../credentials/credential-summary.js";

/**
 * What a difference means: rows or records are missing or wrong (`problem`), somebody should look at or do something
 * (`warning`), something could not be compared or has a harmless explanation (`note`).
 */
export type DifferenceLevel = "problem" | "warning" | "note";

export type DifferenceCode =
  | "RUN_ALIVE"
  | "RUN_DEAD"
  | "RUN_PAUSED"
  | "API_HAS_MORE"
  | "API_HAS_FEWER"
  | "API_NOT_READ"
  | "RECORDS_MISSING"
  | "RECORDS_DISMISSED"
  | "RECORDS_LEFT_BEHIND"
  | "SINK_LACKS"
  | "SINK_DIFFERS"
  | "SINK_HAS_MORE"
  | "SINK_NOT_READABLE"
  | "WORK_LEFT"
  | "BATCHES_LEFT"
  | "LEDGER_UNBALANCED"
  | "LEDGER_SHORT"
  | "REJECTIONS_LEFT";

/** One thing that two places do not say alike. */
export interface Difference {
  readonly code: DifferenceCode;
  readonly level: DifferenceLevel;
  readonly credentialId: string;
  readonly companyId: string;
  /** The feed, record type or run that it is about. */
  readonly subject: string;
  readonly message: string;
  /** What to do; `null` where there is nothing to do. */
  readonly hint: string | null;
  /** What was counted, by name. */
  readonly counts: Readonly<Record<string, number>>;
  /** ServiceTitan ids of some that it concerns, ten at most. */
  readonly examples: readonly string[];
}

/** A difference before it is said whose it is. */
export type FoundDifference = Omit<Difference, "credentialId" | "companyId" | "counts" | "examples"> &
  Partial<Pick<Difference, "counts" | "examples">>;

export function differenceOf(
  { id, companyId }: Pick<CredentialSummary, "id" | "companyId">,
  found: FoundDifference,
): Difference {
  return { counts: {}, examples: [], ...found, credentialId: id, companyId };
}

const maxExamples = 10;

/** Counts what differs, and keeps some of it to name. */
export class Tally {
  count = 0;
  readonly examples: string[] = [];

  add(ids: readonly string[]): void {
    this.count += ids.length;
    this.examples.push(...ids.slice(0, maxExamples - this.examples.length));
  }
}
