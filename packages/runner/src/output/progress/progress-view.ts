import type { FeedName, RecordType, SyncEvent } from "@titan-sync/core";

/** Shows how runs come along. */
export interface ProgressView {
  /** What one run's events are given to. `label` tells runs apart where there are several, else `null`. */
  follow(label: string | null): (event: SyncEvent) => Promise<void>;
  /** Leaves the terminal as it was. May be called twice. */
  close(): void;
}

/** Rows that are expected, where somebody knows; bars without a known end just count. */
export type ExpectedRows = Readonly<Partial<Record<FeedName | RecordType, number>>>;

/** What a record type's deliveries are called. */
export const recordTitles: Readonly<Record<RecordType, string>> = {
  member: "members",
  invoice: "invoices",
};
