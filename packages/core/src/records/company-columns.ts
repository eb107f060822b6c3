import { cleanText } from "./clean-text.js";
import type { CompanyProfile } from "./map-context.js";

/** The columns that the host gives. */
export function companyColumns(company: CompanyProfile) {
  return {
    tenant: company.companyId,
    trade: cleanText(company.trade),
    software: "ServiceTitan",
    hub_plus_import_id: company.importId,
  } as const;
}
