import type { FeedName } from "../feeds/feed.js";
import type { FieldSurvey } from "./field-survey.js";

/** How rows differ from what ServiceTitan documents of a feed. */
export interface SchemaDrift {
  readonly feed: FeedName;
  /** Undocumented fields, with the number of rows on the page that had them. */
  readonly unknown: ReadonlyMap<string, number>;
  /** Fields that are documented as always present, with the number of rows on the page that lacked them. */
  readonly missing: ReadonlyMap<string, number>;
}

/** Reports each drifting field once. One instance per run. */
export interface DriftCheck {
  /** What a page shows for the first time; `null` if nothing. */
  see(feed: FeedName, survey: Pick<FieldSurvey, "unknown" | "missing">): SchemaDrift | null;
}

/** Prevents a feed that keeps sending new names from filling memory and log. */
const maxFields = 50;

export function createDriftCheck(): DriftCheck {
  const told = new Map<FeedName, Set<string>>();

  return {
    see(feed, { unknown, missing }) {
      const known = told.get(feed) ?? new Set<string>();
      told.set(feed, known);
      const isNews = (field: string): boolean => {
        if (known.has(field) || known.size >= maxFields) return false;
        known.add(field);
        return true;
      };
      const drift = {
        feed,
        unknown: new Map([...unknown].filter(([field]) => isNews(field))),
        missing: new Map([...missing].filter(([field]) => isNews(`-${field}`))),
      };
      return drift.unknown.size + drift.missing.size === 0 ? null : drift;
    },
  };
}
