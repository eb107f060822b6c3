import { readFileSync } from "node:fs";
import type { FeedName } from "../../feeds/feed.js";
import type { CompanyRules } from "../company-rules.js";
import { feeds, type KnownFeedName } from "../definitions/definitions.js";

/** Raw rows of each feed, as an export delivers them. */
export type GoldenEntities = Readonly<Record<KnownFeedName, Record<string, unknown>[]>>;

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
  /** Words that the rejection's message must contain. */
  readonly mentions: readonly string[];
}

/** The cases of one record type. A feed that a case does not mention has no rows. */
export function goldenCases(file: "members" | "invoices"): readonly GoldenCase[] {
  const text = readFileSync(new URL(`golden/${file}.json`, import.meta.url), "utf8");
  return (JSON.parse(text) as readonly WrittenCase[]).map((golden) => {
    const unknown = Object.keys(golden.entities).filter((name) => !Object.hasOwn(feeds, name));
    if (unknown.length > 0) throw new TypeError(`"${golden.name}" has rows of unknown feeds: ${unknown}.`);
    return { ...golden, entities: { ...noRows(), ...golden.entities } };
  });
}

interface WrittenCase extends Omit<GoldenCase, "entities"> {
  readonly entities: Partial<GoldenEntities>;
}

function noRows(): GoldenEntities {
  return Object.fromEntries(Object.keys(feeds).map((name) => [name, []])) as unknown as GoldenEntities;
}
