import type { RuleSettings } from "../records/check-rules.js";
import type { CompanyFeeds } from "../records/company-feeds.js";
import type { CompanyMapping } from "../records/company-mapping.js";
import type { CompanyRules } from "../records/company-rules.js";
import type { CompanyProfile } from "../records/map-context.js";

/** What a host says about a company; what is absent has a default. */
export interface CompanyDetails {
  /** e.g. HVAC. `null` is rejected by the record rules: the host's tables require it. */
  readonly trade: string | null;
  /** @defaultValue null */
  readonly importId?: number | null | undefined;
  /** IANA time zone in which dates print. @defaultValue "UTC" */
  readonly timeZone?: string | null | undefined;
  /** Levels of rules, and options. */
  readonly rules?: RuleSettings | undefined;
  /** Columns that the company fills from elsewhere or adds. A store keeps paths, not functions. */
  readonly mapping?: CompanyMapping | undefined;
  /**
   * Related feeds that are left out: not read, and what they supply is empty by choice. The feeds that make the
   * records cannot be left out. @defaultValue every feed is read
   */
  readonly feeds?: CompanyFeeds | undefined;
  /**
   * Documented fields that may vanish from the API, as `feed.field`: without this a page without them is not taken, so
   * that no column is emptied. @defaultValue none
   */
  readonly acceptAbsent?: readonly string[] | undefined;
}

/** Answers what a company is, at the start of each run. `null` when unknown. */
export type CompanyDirectory = (companyId: string) => Promise<CompanyDetails | null>;

/** Where details of companies live for hosts without a directory of their own. */
export interface CompanyStore {
  findCompany(companyId: string): Promise<CompanyDetails | null>;
  /** Creates or replaces. */
  saveCompany(companyId: string, details: CompanyDetails): Promise<void>;
}

export type { CompanyProfile, CompanyRules, RuleSettings };
