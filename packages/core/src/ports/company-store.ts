import type { CompanyDetails } from "./company-directory.js";

/** Stores companies' options for hosts without their own directory. */
export interface CompanyStore {
  findCompany(companyId: string): Promise<CompanyDetails | null>;
  /** Creates or replaces. */
  saveCompany(companyId: string, details: CompanyDetails): Promise<void>;
}
