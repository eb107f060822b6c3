import type { FeedName } from "../feeds/feed.js";

/** Where the reading of a feed stands. Stored as given, best as one JSON value: its meaning is the engine's. */
export interface FeedCursor {
  /** The last committed `continueFrom`; `null` is the feed's beginning. */
  readonly token: string | null;
  /** Server time, ISO 8601, at which the poll in progress began; `null` when none is. */
  readonly pollBeganAt: string | null;
  /** Server time at which the last poll that reached the feed's end began; `null` when none ever did. */
  readonly drainedAt: string | null;
  /** The full pass that a run makes or made: its own position, and whether it has reached the end. */
  readonly fullPass: {
    readonly runId: string;
    /** When it began or a little before, ISO 8601, by the storage's clock. */
    readonly beganAt: string;
    readonly token: string | null;
    readonly drained: boolean;
    /** Rows that it read without learning whose they were: it cannot tell what has vanished. Absent for none. */
    readonly unreadable?: number | undefined;
  } | null;
  /**
   * Of a driver feed: the related feeds that had ever been drained when all its entities were last put on the
   * work queue; `null` when they never were. Until then landed changes list nothing for its record, since
   * deriving begins with everything.
   */
  readonly enqueuedWith: readonly FeedName[] | null;
  /** The page that led to a token, so that it is known when it comes again in the place of the next one. */
  readonly pageBefore: { readonly token: string; readonly fingerprint: string } | null;
  /** Of the poll in progress: what tells that its tokens lead in a circle. Absent for none. */
  readonly trail?:
    | {
        /** The position that it belongs to. */
        readonly token: string | null;
        /** Where the poll began. */
        readonly since: string | null;
        readonly anchor: string | null;
        readonly power: number;
        readonly steps: number;
      }
    | undefined;
  /** A parallel first load in progress, or done but not yet followed by the export; else `null`. */
  readonly backfill: {
    /** It reads what was last modified before this instant, ISO 8601; the export is followed from there. */
    readonly until: string;
    /** What is still to be read. */
    readonly windows: readonly BackfillWindow[];
  } | null;
  /**
   * Of a feed that is read by its list: how many rows its total counts that two readings in a row have not given, as
   * far as that still holds. Absent for none.
   */
  readonly rowsNotGiven?: number | undefined;
}

/** Entities by when they were created; ISO 8601. */
export interface BackfillWindow {
  /** Inclusive; `null` is open to the past. */
  readonly from: string | null;
  /** Exclusive. */
  readonly to: string;
  /** How many entities there were when it was planned or last read: no more can have come. */
  readonly rows: number;
  /** How many of them, by ascending id, are still to be read: those behind have landed. Absent for all. */
  readonly left?: number | undefined;
  /** How often the next page to be read did not fit those behind it. Absent for never. */
  readonly failures?: number | undefined;
}
