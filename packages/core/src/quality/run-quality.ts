import type { FeedName } from "../feeds/feed.js";
import { columnOfCount } from "../ledger/findings.js";
import type { FeedFigures, RecordFigures, RunWarning, StoredRun } from "../ports/sync-run.js";
import type { RecordCatalog } from "../records/definitions/catalog.js";
import type { RecordType } from "../records/record.js";

/** From which difference on a run is unusual. Shares are from 0 to 1. */
export const qualityLimits = {
  /** By how much the share of rejected records may exceed that of the last runs. */
  rejectedShare: 0.05,
  /** By how much the share of records with an empty column may exceed that of the last runs. */
  emptyShare: 0.2,
  /** By what share the number of a full run's rows may differ from the last full run's. */
  rowCount: 0.2,
  /** The share of a feed's rows that may occur twice in a full run. */
  repeatedShare: 0.05,
  /** Fewer records or rows allow no conclusion. */
  minSample: 100,
} as const;

/** A run, as far as its quality shows in figures. */
export type MeasuredRun = Pick<StoredRun, "request" | "feeds" | "records">;

/**
 * What is unusual about a run beside those before it: a mapping that reads the wrong field, an export that
 * lacks a third of its rows, and other mistakes that no single row shows.
 *
 * @param former - Completed and partial runs of the same credential, newest first.
 * @param emptyByChoice - Columns that the company has agreed to be empty.
 */
export function judgeRun(
  { plans }: Pick<RecordCatalog, "plans">,
  run: MeasuredRun,
  former: readonly MeasuredRun[],
  emptyByChoice: ReadonlySet<string> = new Set(),
): readonly RunWarning[] {
  return [
    ...rejectedRows(run, former),
    ...plans.flatMap((plan) => [
      ...rejectedShare(run, former, plan.record),
      ...emptyColumns(run, former, plan, emptyByChoice),
    ]),
    ...(isWhole(run) ? [...repeatedRows(run), ...rowCounts(run, former.find(isWhole))] : []),
  ];
}

function rejectedShare(
  run: MeasuredRun,
  former: readonly MeasuredRun[],
  type: RecordType,
): readonly RunWarning[] {
  const figure = {
    part: (figures: RecordFigures) => figures.rejected,
    whole: (figures: RecordFigures) => figures.derived,
  };
  const share = shareOf([run], type, figure);
  const usual = shareOf(former, type, figure);
  // A first load reveals wrong settings: until it is known what is normal, no rejection is.
  if (share === null || share - (usual ?? 0) <= qualityLimits.rejectedShare) return [];
  return [
    {
      code: "REJECTED_SHARE",
      message: `${percent(share)} of the ${type} records were rejected${comparedWith(usual)}.`,
      count: run.records[type]?.rejected ?? null,
    },
  ];
}

/** The same for rows, which are rejected before a record is made from them. */
function rejectedRows(run: MeasuredRun, former: readonly MeasuredRun[]): readonly RunWarning[] {
  return Object.entries(run.feeds).flatMap(([feed, figures]): readonly RunWarning[] => {
    const share = rejectedShareOf([figures]);
    const usual = rejectedShareOf(former.flatMap((each) => each.feeds[feed] ?? []));
    if (share === null || share - (usual ?? 0) <= qualityLimits.rejectedShare) return [];
    return [
      {
        code: "REJECTED_SHARE",
        message: `${percent(share)} of the rows of ${feed} were rejected${comparedWith(usual)}.`,
        count: figures.rejected,
      },
    ];
  });
}

/** The share over all readings together; `null` if they have too few rows. */
function rejectedShareOf(readings: readonly FeedFigures[]): number | null {
  const read = readings.reduce((sum, each) => sum + each.read, 0);
  if (read < qualityLimits.minSample) return null;
  return readings.reduce((sum, each) => sum + each.rejected, 0) / read;
}

function comparedWith(usual: number | null): string {
  return usual === null
    ? "; no earlier run had enough of them for a comparison"
    : `, compared with ${percent(usual)} in the previous runs`;
}

function emptyColumns(
  run: MeasuredRun,
  former: readonly MeasuredRun[],
  { record: type, columns }: RecordCatalog["plans"][number],
  byChoice: ReadonlySet<string>,
): readonly RunWarning[] {
  return Object.entries(run.records[type]?.counts ?? {}).flatMap(([name, count]): readonly RunWarning[] => {
    const column = columnOfCount(name);
    if (column === null || byChoice.has(column)) return [];
    const part = (figures: RecordFigures): number => figures.counts?.[name] ?? 0;
    const share = shareOf([run], type, { part, whole: mappedOf });
    const comparable = former.filter((each) => hasColumn(each, type, columns.includes(column), name));
    const usual = shareOf(comparable, type, { part, whole: mappedOf });
    if (share === null || usual === null || share - usual <= qualityLimits.emptyShare) return [];
    return [
      {
        code: "EMPTY_COLUMN_SHARE",
        message: `${column} is empty in ${percent(share)} of the ${type} records, compared with ${percent(usual)} in the previous runs.`,
        count,
      },
    ];
  });
}

/**
 * Whether a run's records had the column: one that a mapping has added since was not empty, but did not
 * exist.
 */
function hasColumn(run: MeasuredRun, type: RecordType, isOwn: boolean, count: string): boolean {
  return isOwn || run.records[type]?.counts?.[count] !== undefined;
}

function repeatedRows(run: MeasuredRun): readonly RunWarning[] {
  return Object.entries(run.feeds).flatMap(([feed, { read, superseded }]): readonly RunWarning[] => {
    if (read < qualityLimits.minSample || superseded / read <= qualityLimits.repeatedShare) return [];
    return [
      {
        code: "REPEATED_IDS",
        message: `${percent(superseded / read)} of the rows of ${feed} repeat an id, or are older than what was landed.`,
        count: superseded,
      },
    ];
  });
}

function rowCounts(run: MeasuredRun, before: MeasuredRun | undefined): readonly RunWarning[] {
  return Object.entries(run.feeds).flatMap(([feed, figures]): readonly RunWarning[] => {
    const rows = rowsOf(figures);
    const usual = rowsOf(before?.feeds[feed as FeedName] ?? { read: 0, superseded: 0 });
    if (usual < qualityLimits.minSample) return [];
    if (Math.abs(rows - usual) / usual <= qualityLimits.rowCount) return [];
    return [
      {
        code: "ROW_COUNT",
        message: `${feed} had ${rows} rows, compared with ${usual} in the last full run.`,
        count: rows,
      },
    ];
  });
}

/** Whether a run read its feeds from their beginning, so that rows can be counted. */
export function isWhole({ request }: Pick<MeasuredRun, "request">): boolean {
  return request.mode === "full" && request.range === null && !request.rederive;
}

function rowsOf({ read, superseded }: { readonly read: number; readonly superseded: number }): number {
  return read - superseded;
}

/** Records that were derived, whether or not they had changed. */
function mappedOf({ delivered, removed, unchanged }: RecordFigures): number {
  return delivered - removed + unchanged;
}

/** The share over all runs together; `null` if they have too few records. */
function shareOf(
  runs: readonly MeasuredRun[],
  type: RecordType,
  figure: Readonly<Record<"part" | "whole", (figures: RecordFigures) => number>>,
): number | null {
  const figures = runs.flatMap((run) => run.records[type] ?? []);
  const whole = figures.reduce((sum, each) => sum + figure.whole(each), 0);
  if (whole < qualityLimits.minSample) return null;
  return figures.reduce((sum, each) => sum + figure.part(each), 0) / whole;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}
