import type { Customer } from "../feeds/customers.js";
import type { CompanyRules } from "./company-rules.js";

/**
 * Whether a company wants no member record of a customer. Its invoices are delivered all the same.
 */
export function isLeftOut(
  { active, mergedToId }: Pick<Customer, "active" | "mergedToId">,
  rules: Pick<CompanyRules, "leaveOutInactiveCustomers" | "leaveOutMergedCustomers">,
): boolean {
  const isMerged = mergedToId !== null && mergedToId !== undefined && mergedToId !== 0;
  return (rules.leaveOutInactiveCustomers && active === false) || (rules.leaveOutMergedCustomers && isMerged);
}
