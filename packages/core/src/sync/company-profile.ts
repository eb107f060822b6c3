import { ConfigError } from "../errors.js";
import type { CompanyDetails, CompanyDirectory } from "../ports/company-directory.js";
import { isTimeZone } from "../records/date-time.js";
import type { CompanyProfile } from "../records/joined.js";

/**
 * What a run needs to know of its company, defaults filled in.
 * @throws {@link ConfigError} when the company is unknown or its time zone is.
 */
export async function companyProfile(
  directory: CompanyDirectory,
  companyId: string,
  importId: number | null | undefined,
): Promise<CompanyProfile> {
  const details = await directory(companyId);
  if (details === null) {
    throw new ConfigError(`The company ${companyId} is unknown.`, {
      hint: "Return its details from the `company` function, or save them with `titan.companies.saveCompany`.",
    });
  }
  return toProfile(companyId, details, importId);
}

function toProfile(
  companyId: string,
  details: CompanyDetails,
  importId: number | null | undefined,
): CompanyProfile {
  return {
    companyId,
    trade: details.trade,
    importId: importId === undefined ? (details.importId ?? null) : importId,
    timeZone: checkTimeZone(details.timeZone ?? "UTC", companyId),
    rules: {
      splitCompanyNames: details.rules?.splitCompanyNames ?? false,
      negativeTotal: details.rules?.negativeTotal ?? "warn",
    },
  };
}

function checkTimeZone(timeZone: string, companyId: string): string {
  if (isTimeZone(timeZone)) return timeZone;
  throw new ConfigError(`The time zone ${JSON.stringify(timeZone)} of company ${companyId} is unknown.`, {
    hint: 'Use an IANA name, for instance "America/Chicago".',
  });
}
