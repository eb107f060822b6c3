/** A broken rule, by name. Messages name fields and ids, never values. */
export interface RuleViolation {
  readonly rule: string;
  readonly message: string;
}

/** The outcome for one joined entity. */
export type MapOutcome<Record> =
  | { readonly kind: "record"; readonly record: Record; readonly warnings: readonly RuleViolation[] }
  | { readonly kind: "rejected"; readonly violations: readonly RuleViolation[] };
