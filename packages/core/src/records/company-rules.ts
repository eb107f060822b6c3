import type { ByRecordType } from "./record.js";

/** What happens when a record violates a rule: nothing, a warning on the run, or a rejection instead of the record. */
export const ruleLevels = ["off", "warn", "reject"] as const;
export type RuleLevel = (typeof ruleLevels)[number];

/** The level of each rule that a company may set. */
export interface RuleLevels {
  /** Full, first and last name are all missing. @defaultValue "reject" */
  readonly names: RuleLevel;
  /** Zip, street, city or state is missing. @defaultValue "reject" */
  readonly address: RuleLevel;
  /** An invoice's total is missing or not a number. @defaultValue "reject" */
  readonly total: RuleLevel;
  /** An invoice's total is below zero. @defaultValue "warn" */
  readonly negativeTotal: RuleLevel;
  /** Any other required column is empty. @defaultValue "reject" */
  readonly required: RuleLevel;
  /** A date is before 1990 or more than two years in the future. @defaultValue "warn" */
  readonly dates: RuleLevel;
  /** A phone number is implausible. @defaultValue "warn" */
  readonly phones: RuleLevel;
  /** An email address among a customer's contacts is implausible. @defaultValue "warn" */
  readonly emails: RuleLevel;
}

/** The rules and options that may differ between companies. */
export interface CompanyRules extends RuleLevels {
  /** Further columns that must not be empty, including added ones. */
  readonly alsoRequired: ByRecordType<readonly string[]>;
  /** Split the names of `Commercial` customers like a person's. @defaultValue false */
  readonly splitCompanyNames: boolean;
  /** Deliver no member record of an inactive customer, and remove one that was delivered. @defaultValue false */
  readonly leaveOutInactiveCustomers: boolean;
  /** The same for a customer that was merged into another. @defaultValue false */
  readonly leaveOutMergedCustomers: boolean;
}

/** The defaults. */
export const defaultRules: CompanyRules = {
  names: "reject",
  address: "reject",
  total: "reject",
  negativeTotal: "warn",
  required: "reject",
  dates: "warn",
  phones: "warn",
  emails: "warn",
  alsoRequired: {},
  splitCompanyNames: false,
  leaveOutInactiveCustomers: false,
  leaveOutMergedCustomers: false,
};
