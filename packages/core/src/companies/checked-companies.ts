import { ConfigError } from "../errors.js";
import type { CompanyDetails, CompanyStore } from "../ports/company-directory.js";
import { checkCompany } from "./company-profile.js";

/** A store of companies that takes no details which a run would refuse, or that would not come back whole. */
export function checkedCompanies(store: CompanyStore): CompanyStore {
  return {
    findCompany: (companyId) => store.findCompany(companyId),
    async saveCompany(companyId, details) {
      checkCompany(companyId, details);
      const functions = functionsIn(details);
      if (functions.length > 0) {
        throw new ConfigError(
          `The details of company ${companyId} cannot be saved: ${functions.join("; ")}.`,
          {
            hint: "Give a mapping with functions by the `company` function of createTitanSync.",
          },
        );
      }
      await store.saveCompany(companyId, details);
    },
  };
}

function functionsIn({ mapping = {} }: CompanyDetails): readonly string[] {
  return (["member", "invoice"] as const).flatMap((type) =>
    Object.entries<unknown>(mapping[type] ?? {})
      .filter(([, source]) => isFunction(source))
      .map(([column]) => `mapping.${type}.${column}: a function cannot be stored`),
  );
}

function isFunction(source: unknown): boolean {
  const from = typeof source === "object" && source !== null && "from" in source ? source.from : source;
  return typeof from === "function";
}
