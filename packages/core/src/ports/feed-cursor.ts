import type { FeedName } from "../feeds/feed.js";

/** How far a feed has been read. Only the engine interprets it; a storage keeps it unchanged, best as a JSON value. */
export interface FeedCursor {
  /** The last committed `continueFrom`; `null` for the feed's beginning. */
  readonly token: string | null;
  /** The server's time at which the current poll began, in ISO 8601; `null` if there is none. */
  readonly pollBeganAt: string | null;
  /** The server's time at which the last poll that reached the feed's end began; `null` if none has. */
  readonly drainedAt: string | null;
  /** The current or last full pass of a run, with its own position. */
  readonly fullPass: {
    readonly runId: string;
    /** When it began, or slightly earlier, in ISO 8601 by the storage's clock. */
    readonly beganAt: string;
    readonly token: string | null;
    readonly drained: boolean;
    /** Rows whose id it could not read, so that it cannot tell which entities have vanished. Absent for none. */
    readonly unreadable?: number | undefined;
  } | null;
  /**
   * For a driver feed: the related feeds that had been read to their end when all its entities were last put on the
   * work queue; `null` if that has never happened. Until it happens, landed changes put nothing on the queue of its
   * record, because the first derivation starts with all entities.
   */
  readonly enqueuedWith: readonly FeedName[] | null;
  /** The page before the position, so that it is recognized if the API returns it again in place of the next one. */
  readonly pageBefore: { readonly token: string; readonly fingerprint: string } | null;
  /** Detects whether the tokens of the current poll form a cycle. Absent if there is no poll. */
  readonly trail?:
    | {
        /** The position for which this was stored. */
        readonly token: string | null;
        /** Where the poll began. */
        readonly since: string | null;
        readonly anchor: string | null;
        readonly power: number;
        readonly steps: number;
      }
    | undefined;
  /** A parallel first load that is in progress, or after which the export has not been read yet; otherwise `null`. */
  readonly backfill: {
    /** It reads entities last modified before this instant (ISO 8601); the export is read from there on. */
    readonly until: string;
    /** The windows that still have to be read. */
    readonly windows: readonly BackfillWindow[];
  } | null;
  /**
   * For a feed that is read from its list endpoint: how many of the rows in its total two consecutive passes did not
   * return, as far as that is still true. Absent for none.
   */
  readonly rowsNotGiven?: number | undefined;
}

/** Entities that were created in a range of time, in ISO 8601. */
export interface BackfillWindow {
  /** Inclusive; `null` for no lower limit. */
  readonly from: string | null;
  /** Exclusive. */
  readonly to: string;
  /** The number of entities when the window was planned or last read; it cannot grow. */
  readonly rows: number;
  /** How many of them still have to be read: the first ones by ascending id; the rest has landed. Absent for all. */
  readonly left?: number | undefined;
  /** How often the next page did not match the pages that were read before it. Absent for never. */
  readonly failures?: number | undefined;
}
