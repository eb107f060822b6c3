import { ConfigError } from "../errors.js";
import type { CompanyDetails } from "../ports/company-directory.js";
import type { CompanyStore } from "../ports/company-store.js";
import type { RecordCatalog } from "../records/definitions/catalog.js";
import { checkCompany } from "./company-profile.js";

/** Stores companies' options, for hosts without a `company` function. */
export interface Companies {
  /** `null` if no options were saved for the company. */
  find(companyId: string): Promise<CompanyDetails | null>;
  /**
   * Creates or replaces a company's options.
   * @throws {@link ConfigError} for options that a run would refuse, or that cannot be stored, such as functions.
   */
  save(companyId: string, details: CompanyDetails): Promise<void>;
}

export function createCompanies(catalog: RecordCatalog, store: CompanyStore): Companies {
  return {
    find: (companyId) => store.findCompany(companyId),
    async save(companyId, details) {
      checkCompany(catalog, companyId, details);
      const functions = functionsIn(details);
      if (functions.length > 0) {
        throw new ConfigError(
          `The details of company ${companyId} cannot be saved: ${functions.join("; ")}.`,
          {
            hint: "Return a mapping with functions from the `company` function of createTitanSync.",
          },
        );
      }
      await store.saveCompany(companyId, details);
    },
  };
}

function functionsIn({ mapping = {} }: CompanyDetails): readonly string[] {
  return Object.entries(mapping).flatMap(([type, columns]) =>
    Object.entries<unknown>(columns ?? {})
      .filter(([, source]) => isFunction(source))
      .map(([column]) => `mapping.${type}.${column}: a function cannot be stored`),
  );
}

function isFunction(source: unknown): boolean {
  const from = typeof source === "object" && source !== null && "from" in source ? source.from : source;
  return typeof from === "function";
}
