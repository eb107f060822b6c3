import { ConfigError } from "../errors.js";
import type { FeedName } from "../feeds/feed.js";
import type { CompanyDetails, CompanyDirectory } from "../ports/company-directory.js";
import { checkMapping } from "../records/check-mapping.js";
import { checkRules } from "../records/check-rules.js";
import { checkAcceptAbsent, checkFeeds } from "../records/company-feeds.js";
import { isTimeZone } from "../records/date-time.js";
import type { RecordCatalog } from "../records/definitions/catalog.js";
import type { RecordDefinition } from "../records/definitions/define-record.js";
import { catalogWith } from "../records/definitions/definitions.js";
import type { CompanyProfile } from "../records/map-context.js";

/**
 * What a run needs to know of its company, defaults filled in.
 * @throws {@link ConfigError} when the company is unknown, or its details have mistakes: all of them at once.
 */
export async function companyProfile(
  catalog: RecordCatalog,
  directory: CompanyDirectory,
  companyId: string,
  importId: number | null | undefined,
): Promise<CompanyProfile> {
  const details = await directory(companyId);
  if (details === null) {
    throw new ConfigError(`The company ${companyId} is unknown.`, {
      hint: "Return its details from the `company` function, or save them with `titan.companies.save`.",
    });
  }
  const profile = checkCompany(catalog, companyId, details);
  return importId === undefined ? profile : { ...profile, importId };
}

/**
 * Checks what is said about a company, and fills in the defaults.
 * @throws {@link ConfigError} that lists every mistake.
 */
export function checkCompany(
  catalog: RecordCatalog,
  companyId: string,
  details: CompanyDetails,
): CompanyProfile {
  const { profile, issues } = readCompany(catalog, companyId, details);
  if (issues.length === 0) return profile;
  const count = issues.length === 1 ? "a mistake" : `${issues.length} mistakes`;
  throw new ConfigError(`The details of company ${companyId} have ${count}: ${issues.join("; ")}.`, {
    hint: "See docs/records.md for all rules, options and columns, and how to write a mapping.",
  });
}

/** The feeds that a company leaves out. None where that cannot be found out: callers continue without. */
export async function feedsOffOf(
  catalog: RecordCatalog,
  directory: CompanyDirectory,
  companyId: string,
): Promise<readonly FeedName[]> {
  try {
    return checkFeeds(catalog, (await directory(companyId))?.feeds).off;
  } catch {
    return [];
  }
}

/**
 * What a run would refuse of a company's details, with its place; empty when nothing.
 * @param records - The host's own record types, as for {@link createTitanSync}. @defaultValue none
 */
export function companyIssues(
  details: CompanyDetails,
  records: readonly RecordDefinition[] = [],
): readonly string[] {
  return readCompany(catalogWith(records), "", details).issues;
}

function readCompany(
  catalog: RecordCatalog,
  companyId: string,
  { trade, importId = null, ...details }: CompanyDetails,
) {
  const timeZone = details.timeZone ?? "UTC";
  const { columns, issues: ofMapping } = checkMapping(catalog, details.mapping ?? {});
  const { rules, issues: ofRules } = checkRules(catalog, details.rules, columns);
  const { off: feedsOff, issues: ofFeeds } = checkFeeds(catalog, details.feeds);
  const { accepted: acceptAbsent, issues: ofAbsence } = checkAcceptAbsent(catalog, details.acceptAbsent);
  const profile: CompanyProfile = {
    companyId,
    trade,
    importId,
    timeZone,
    rules,
    columns,
    feedsOff,
    acceptAbsent,
  };
  return {
    profile,
    issues: [...timeZoneIssues(timeZone), ...ofRules, ...ofMapping, ...ofFeeds, ...ofAbsence],
  };
}

function timeZoneIssues(timeZone: string): readonly string[] {
  return isTimeZone(timeZone)
    ? []
    : [`timeZone: ${JSON.stringify(timeZone)} is not an IANA time zone, such as "America/Chicago"`];
}
