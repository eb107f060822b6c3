import type { CompanyRules } from "./company-rules.js";

/** A person's or a company's name, each part clean. */
interface Names {
  readonly full: string | null;
  readonly first: string | null;
  readonly last: string | null;
}

interface NameColumns {
  readonly customer_name: string | null;
  readonly customer_first_name: string | null;
  readonly customer_last_name: string | null;
}

/**
 * Completes names from each other. Only a full name: its first token is the first name, its second the last
 * name, further ones stay in the full name alone. Only first or last name: the full name joins them.
 */
export function completeNames(names: Names): Names {
  const { full, first, last } = names;
  if (full === null) {
    const given = [first, last].filter((name) => name !== null);
    return { full: given.join(" ") || null, first, last };
  }
  if (first !== null || last !== null) return names;
  const [firstToken, secondToken] = full.split(" ");
  return { full, first: firstToken ?? null, last: secondToken ?? null };
}

/**
 * The name columns of a customer. The API has no first and last names; those of companies are not guessed
 * unless the host's rules ask for it.
 *
 * @param name - Clean.
 * @param type - The customer's type, `null` when it is not known.
 */
export function nameColumns(
  name: string | null,
  type: string | null,
  rules: Pick<CompanyRules, "splitCompanyNames">,
): NameColumns {
  const given: Names = { full: name, first: null, last: null };
  const isCompany = type === "Commercial" && !rules.splitCompanyNames;
  const names = isCompany ? given : completeNames(given);
  return { customer_name: names.full, customer_first_name: names.first, customer_last_name: names.last };
}
