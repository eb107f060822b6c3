import type { FeedName, KnownRecordType, RecordType, SyncEvent } from "@titan-sync/core";

/** Shows how runs come along. */
export interface ProgressView {
  /** Receives one run's events. `label` distinguishes several runs; `null` for a single one. */
  follow(label: string | null): (event: SyncEvent) => Promise<void>;
  /** Leaves the terminal as it was. May be called twice. */
  close(): void;
}

/** Rows that are expected, where somebody knows; bars without a known end just count. */
export type ExpectedRows = Readonly<Partial<Record<FeedName | KnownRecordType, number>>>;

/** What a record type's deliveries are called. */
export function titleOf(record: RecordType): string {
  return `${record}s`;
}
