import type { AuditLog } from "./audit-log.js";
import type { CompanyStore } from "./company-directory.js";
import type { ConsistencyView } from "./consistency-view.js";
import type { CredentialStore } from "./credential-store.js";
import type { EntitySizes } from "./entity-sizes.js";
import type { ErasureStore } from "./erasure-store.js";
import type { ScheduleStore } from "./schedule-store.js";
import type { SuppressionStore } from "./suppression-store.js";
import type { SyncStore } from "./sync-store.js";
import type { WorkView } from "./work-view.js";

/** Everything that this library keeps. */
export interface Storage
  extends SyncStore,
    WorkView,
    EntitySizes,
    ConsistencyView,
    ErasureStore,
    SuppressionStore,
    CredentialStore,
    ScheduleStore,
    CompanyStore,
    AuditLog {
  /**
   * Identifies the database. A sink with the same value writes inside the storage's transactions.
   * `null` when no sink can.
   */
  readonly database: object | null;
  /** Releases what the storage itself opened; a pool that the host brought stays open. May be called twice. */
  close(): Promise<void>;
}
