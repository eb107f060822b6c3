import type { RecordSinkObject } from "../ports/record-sink.js";
import type { RecordFigures, RunWarning, StoredRun } from "../ports/sync-run.js";
import { ruleList } from "../records/rules.js";
import { ruleOfCount, warnedBy } from "./findings.js";
import type { RunTally } from "./run-tally.js";

/** Collects a run's warnings; the same code and message only once. */
export interface WarningList {
  /** Whether it was new. */
  add(warning: RunWarning): boolean;
  all(): readonly RunWarning[];
}

/** @param known - of the run's earlier slices. */
export function createWarningList(known: readonly RunWarning[] = []): WarningList {
  const keyOf = ({ code, message }: RunWarning): string => `${code} ${message}`;
  const warnings = new Map(known.map((warning) => [keyOf(warning), warning]));
  return {
    add(warning) {
      const key = keyOf(warning);
      if (warnings.has(key)) return false;
      warnings.set(key, warning);
      return true;
    },
    all: () => [...warnings.values()],
  };
}

/**
 * Of the warnings of a run that continues, those that are not found again: by counting, or by polling a feed again.
 */
export function stillTrue(warnings: readonly RunWarning[]): readonly RunWarning[] {
  return warnings.filter(({ code, count }) => count === null && code !== "FEED_DEGRADED");
}

/** Removals that the sink has no use for. */
export function warningOfRemovals(figures: RunTally, sink: RecordSinkObject): readonly RunWarning[] {
  const count = recordsIn(figures).reduce((sum, { removed }) => sum + removed, 0);
  if (sink.supportsRemoval !== false || count === 0) return [];
  return [
    {
      code: "REMOVALS_NOT_WRITTEN",
      message: "Records were removed, but the sink does not write removals.",
      count,
    },
  ];
}

/** Rows that could not be landed: one warning for each feed. */
export function warningsOfRejectedRows({ feeds }: Pick<StoredRun, "feeds">): readonly RunWarning[] {
  return Object.entries(feeds).flatMap(([feed, { rejected }]): readonly RunWarning[] =>
    rejected === 0
      ? []
      : [
          {
            code: "ROWS_REJECTED",
            message: `Some rows of ${feed} could not be used and were rejected; their earlier versions, if any, are kept.`,
            count: rejected,
          },
        ],
  );
}

/** Records that were not delivered, whether a rule rejected them or the sink: one warning for each type. */
export function warningsOfRejectedRecords({ records }: Pick<StoredRun, "records">): readonly RunWarning[] {
  return Object.entries(records).flatMap(([record, { rejected }]): readonly RunWarning[] =>
    rejected === 0
      ? []
      : [
          {
            code: "RECORDS_REJECTED",
            message: `Some ${record} records were rejected; their earlier versions, if any, are kept. See the rejections for the reasons.`,
            count: rejected,
          },
        ],
  );
}

/** Records that were delivered although something about them is unusual: one warning for each rule, counted. */
export function warningsFromFigures(figures: RunTally): readonly RunWarning[] {
  const records = recordsIn(figures);
  const known = ruleList.map(({ warnsAs, warning }) => ({ rule: warnsAs, warning }));
  const found = new Set(records.flatMap(({ counts }) => Object.keys(counts ?? {})).flatMap(ruleOfCount));
  const own = [...found]
    .filter((rule) => !known.some((each) => each.rule === rule))
    .map((rule) => ({ rule, warning: warningOfOwnRule(rule) }));
  return [...known, ...own].flatMap(({ rule, warning }) => {
    const count = records.reduce((sum, { counts }) => sum + (counts?.[warnedBy(rule)] ?? 0), 0);
    return count === 0 ? [] : [{ ...warning, count }];
  });
}

/** A rule that a host defined with its own record type. */
function warningOfOwnRule(rule: string) {
  return { code: "RULE_WARNED", message: `Records that break the rule "${rule}" were delivered.` };
}

function recordsIn(figures: RunTally): readonly RecordFigures[] {
  return Object.values(figures.all().records).filter((each) => each !== undefined);
}
