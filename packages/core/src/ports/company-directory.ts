import type { RuleSettings } from "../records/check-rules.js";
import type { CompanyFeeds } from "../records/company-feeds.js";
import type { CompanyMapping } from "../records/company-mapping.js";
import type { CompanyRules } from "../records/company-rules.js";
import type { CompanyProfile } from "../records/map-context.js";

/** A company's options; absent ones have defaults. */
export interface CompanyDetails {
  /** e.g. HVAC. `null` is rejected by the record rules: the host's tables require it. */
  readonly trade: string | null;
  /** @defaultValue null */
  readonly importId?: number | null | undefined;
  /** IANA time zone in which dates are printed. @defaultValue "UTC" */
  readonly timeZone?: string | null | undefined;
  /** Levels of rules, and options. */
  readonly rules?: RuleSettings | undefined;
  /** Columns that the company fills from other fields or adds. Stored options may contain paths, not functions. */
  readonly mapping?: CompanyMapping | undefined;
  /**
   * Related feeds to turn off: they are not read, and their columns are intentionally empty. The driver feeds cannot be
   * turned off. @defaultValue every feed is read
   */
  readonly feeds?: CompanyFeeds | undefined;
  /**
   * Documented fields that may be missing from the API, as `feed.field`. Without this, a page without them is not
   * stored, so that no column is emptied. @defaultValue none
   */
  readonly acceptAbsent?: readonly string[] | undefined;
}

/** Returns a company's options, at the start of each run; `null` for an unknown company. */
export type CompanyDirectory = (companyId: string) => Promise<CompanyDetails | null>;

export type { CompanyProfile, CompanyRules, RuleSettings };
