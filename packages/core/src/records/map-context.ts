import type { FeedName } from "../feeds/feed.js";
import type { CompanyRules } from "./company-rules.js";
import type { CustomColumns } from "./custom-columns.js";

/** What the host says about a company, and what of a mapping may differ between companies. */
export interface CompanyProfile {
  readonly companyId: string;
  readonly trade: string | null;
  readonly importId: number | null;
  /** IANA name in which dates print. */
  readonly timeZone: string;
  readonly rules: CompanyRules;
  /** Columns that the company fills or adds. */
  readonly columns: CustomColumns;
  /** Related feeds that it has turned off. */
  readonly feedsOff: readonly FeedName[];
  /** Fields that may be absent, as `feed.field`. */
  readonly acceptAbsent: readonly string[];
}

/** What a map needs besides the joined entities. */
export interface MapContext {
  readonly company: CompanyProfile;
  /** The run's version: its start in epoch seconds. */
  readonly version: string;
  /**
   * The feeds that were read to their end at least once for this tenant, except those turned off. If a
   * related feed is missing here, the fields from it have no fallback, because it is unknown whether they
   * have a value.
   */
  readonly drained: ReadonlySet<FeedName>;
}
