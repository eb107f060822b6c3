import { readFileSync } from "node:fs";
import type { FeedName } from "../../feeds/feed.js";
import type { CompanyRules } from "../company-rules.js";

/** Raw rows of each feed, as an export delivers them. */
export type GoldenEntities = Readonly<
  Record<
    | "customers"
    | "customer-contacts"
    | "memberships"
    | "membership-types"
    | "invoices"
    | "jobs"
    | "appointments"
    | "locations"
    | "zones",
    Record<string, unknown>[]
  >
>;

/** A hand-written case: the content of a company's feeds, and the expected records and rejections. */
export interface GoldenCase {
  readonly name: string;
  readonly company: {
    readonly id: string;
    readonly trade: string;
    readonly importId: number | null;
    readonly timeZone: string | null;
    readonly options?: Partial<CompanyRules>;
  };
  readonly entities: GoldenEntities;
  readonly expect: {
    readonly records: readonly ExpectedRecord[];
    readonly rejections: readonly ExpectedRejection[];
  };
}

/** Every column but `version`, and `source_id`. */
export type ExpectedRecord = Readonly<Record<string, string | number | null>> & {
  readonly source_id: string;
};

export interface ExpectedRejection {
  readonly feed: FeedName;
  readonly id: string;
  readonly rule: string;
  /** Words that the rejection's message must hold. */
  readonly mentions: readonly string[];
}

/** The cases of one record type. */
export function goldenCases(file: "members" | "invoices"): readonly GoldenCase[] {
  return JSON.parse(readFileSync(new URL(`golden/${file}.json`, import.meta.url), "utf8")) as GoldenCase[];
}
