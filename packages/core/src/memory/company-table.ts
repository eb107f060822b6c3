import type { CompanyDetails } from "../ports/company-directory.js";
import type { CompanyStore } from "../ports/company-store.js";

export function memoryCompanies(): CompanyStore {
  const companies = new Map<string, CompanyDetails>();
  return {
    findCompany: async (companyId) => structuredClone(companies.get(companyId) ?? null),
    async saveCompany(companyId, details) {
      companies.set(companyId, structuredClone(details));
    },
  };
}
