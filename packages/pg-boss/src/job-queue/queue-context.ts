import type { Clock } from "@titan-sync/core";
import type { Database, OpenTransaction } from "@titan-sync/postgres/support";
import type { Carrier } from "../carrier.js";
import type { JobTables } from "../job-tables.js";

/** What the verbs of a queue share. */
export interface QueueContext {
  readonly database: Database;
  readonly tables: JobTables;
  readonly carrier: Carrier;
  /** `null` for the server's. */
  readonly clock: Clock | null;
  /** Tells this process and others, as soon as the transaction has committed, that jobs became available. */
  tell(transaction: OpenTransaction): Promise<void>;
}

/** For a statement's first parameter. */
export function timeOf({ clock }: QueueContext): number | null {
  return clock === null ? null : Math.trunc(clock.now());
}
