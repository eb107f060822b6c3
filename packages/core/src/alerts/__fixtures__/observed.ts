import type { AlertCondition, Observation } from "../observation.js";

/** A company's condition, except for what is given. */
export function conditionAt(at: number, given: Partial<AlertCondition> = {}): AlertCondition {
  const subject = given.subject ?? "c-1";
  return {
    kind: "failing",
    subject,
    companyId: `company of ${subject}`,
    severity: "warning",
    cause: "API_UNAVAILABLE",
    since: at,
    figures: { "failed syncs": 3 },
    isExplained: false,
    ...given,
  };
}

/** A look that has found these conditions among 40 companies. */
export function observationOf(at: number, conditions: readonly AlertCondition[]): Observation {
  return {
    at,
    conditions,
    isUnknown: () => false,
    endingOf: () => ({ reason: "recovered", figures: {} }),
    companies: 40,
  };
}
