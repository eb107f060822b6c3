import type { CompanyRules } from "./company-rules.js";
import { printCountry } from "./country.js";
import type { CustomValues } from "./custom-columns.js";
import { completeNames, nameColumns } from "./names.js";
import type { InvoiceRecord, MemberRecord } from "./record.js";
import { activeMember } from "./status.js";

/**
 * A record with a company's own values in place of those that it had, and with its added columns. What follows
 * from a replaced value follows from the new one: first and last name from the full name, `active_member` from
 * `current_status`.
 *
 * @param customerType - `null` when it is not known.
 */
export function applyMapping<Kind extends MemberRecord | InvoiceRecord>(
  record: Kind,
  { values }: CustomValues,
  customerType: string | null,
  rules: CompanyRules,
): Kind {
  if (values.size === 0) return record;
  return {
    ...record,
    ...Object.fromEntries(values),
    ...namesAfter(record, values, customerType, rules),
    ...(values.has("country") && { country: printCountry(values.get("country") ?? null) }),
    ...(values.has("current_status") && {
      active_member: activeMember(values.get("current_status") ?? null),
    }),
  };
}

function namesAfter(
  record: MemberRecord | InvoiceRecord,
  values: CustomValues["values"],
  customerType: string | null,
  rules: CompanyRules,
) {
  const isGiven = (column: string): boolean => values.has(column);
  if (!isGiven("customer_first_name") && !isGiven("customer_last_name")) {
    const name = values.get("customer_name");
    return name === undefined ? {} : nameColumns(name, customerType, rules);
  }
  const given = (column: "customer_name" | "customer_first_name" | "customer_last_name"): string | null =>
    values.get(column) ?? (isGiven(column) ? null : record[column]);
  const names = completeNames({
    full: given("customer_name"),
    first: given("customer_first_name"),
    last: given("customer_last_name"),
  });
  return { customer_name: names.full, customer_first_name: names.first, customer_last_name: names.last };
}
