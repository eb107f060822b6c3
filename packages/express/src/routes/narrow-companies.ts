import { type CompanyFilter, holds } from "../access/principal.js";

/**
 * The filter for a list that was asked for one company, or for all that the principal may see. A company that
 * they may not see has nothing, as one that does not exist.
 */
export function narrowCompanies(
  visible: CompanyFilter,
  companyId: string | undefined,
): { readonly companyId?: string; readonly companyIds?: readonly string[] } {
  if (companyId === undefined) return visible === "*" ? {} : { companyIds: visible };
  return holds(visible, { companyId }) ? { companyId } : { companyIds: [] };
}
