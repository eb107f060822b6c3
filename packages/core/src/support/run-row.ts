import type { FeedName } from "../feeds/feed.js";
import type { FeedFigures, RecordFigures, StoredRun } from "../ports/sync-run.js";
import type { RecordType } from "../records/record.js";

/** A run as a database returns it: JSON as text. */
export interface RunRow {
  readonly runId: string;
  readonly credentialId: string;
  readonly companyId: string;
  readonly environment: StoredRun["scope"]["environment"];
  readonly tenantId: string;
  readonly type: StoredRun["type"];
  readonly request: string;
  readonly status: StoredRun["status"];
  readonly startedAt: number;
  readonly updatedAt: number;
  readonly completedAt: number | null;
  readonly warnings: string;
  readonly error: string | null;
  readonly handedOver: number;
  readonly worker: string | null;
  /** The figures by feed; `null` if there are none. */
  readonly feeds: string | null;
  readonly lastFeed: string | null;
  /** The figures by record type; their `counts` may be `null`. */
  readonly records: string | null;
}

/** The columns of `run_feeds` by figure. */
export const feedColumns: Readonly<Record<keyof FeedFigures, string>> = {
  pages: "pages",
  read: "read",
  landed: "landed",
  unchanged: "unchanged",
  superseded: "superseded",
  suppressed: "suppressed",
  rejected: "rejected",
};

/** The columns of `run_records` by figure; `counts` beside them sums name by name. */
export const recordFigureColumns: Readonly<Record<Exclude<keyof RecordFigures, "counts">, string>> = {
  derived: "derived",
  delivered: "delivered",
  removed: "removed",
  unchanged: "unchanged",
  leftOut: "left_out",
  rejected: "rejected",
  warned: "warned",
};

/** @param status - The stored one, unless nobody owns the run any more. */
export function runOfRow(row: RunRow, status: StoredRun["status"] = row.status): StoredRun {
  const { companyId, environment, tenantId } = row;
  return {
    id: row.runId,
    credentialId: row.credentialId,
    scope: { companyId, environment, tenantId },
    type: row.type,
    request: JSON.parse(row.request) as StoredRun["request"],
    status,
    startedAt: row.startedAt,
    updatedAt: row.updatedAt,
    completedAt: row.completedAt,
    feeds: JSON.parse(row.feeds ?? "{}") as Record<FeedName, FeedFigures>,
    lastFeed: row.lastFeed,
    records: toRecords(row.records ?? "{}"),
    warnings: JSON.parse(row.warnings) as StoredRun["warnings"],
    error: row.error === null ? null : (JSON.parse(row.error) as StoredRun["error"]),
    handedOver: row.handedOver,
    worker: row.worker === null ? null : (JSON.parse(row.worker) as StoredRun["worker"]),
  };
}

type StoredFigures = Omit<RecordFigures, "counts"> & {
  readonly counts: Readonly<Record<string, number>> | null;
};

/** Counts are absent where there are none. */
function toRecords(text: string): StoredRun["records"] {
  const stored = JSON.parse(text) as Record<RecordType, StoredFigures>;
  return Object.fromEntries(
    Object.entries(stored).map(([record, { counts, ...figures }]) => [
      record,
      counts === null ? figures : { ...figures, counts },
    ]),
  );
}
