import type { AlertStore } from "./alert-store.js";
import type { AuditLog } from "./audit-log.js";
import type { CompanyStore } from "./company-store.js";
import type { CredentialStateStore } from "./credential-state.js";
import type { CredentialStore } from "./credential-store.js";
import type { DeliveryStore } from "./delivery-store.js";
import type { EntityStore } from "./entity-store.js";
import type { ErasureStore } from "./erasure-store.js";
import type { LandingStore } from "./landing-store.js";
import type { RejectionStore } from "./rejection-store.js";
import type { RetentionStore } from "./retention-store.js";
import type { RunHistory } from "./run-history.js";
import type { RunStore } from "./run-store.js";
import type { ScheduleStore } from "./schedule-store.js";
import type { StartLedger } from "./start-ledger.js";
import type { SuppressionStore } from "./suppression-store.js";
import type { TokenStore } from "./token-store.js";
import type { WorkQueue } from "./work-queue.js";
import type { WorkerRegistry } from "./worker-registry.js";

/** Stores all data of this library. Implement it part by part; `describeStorage` tests an implementation. */
export interface Storage
  extends CredentialStore,
    TokenStore,
    RunStore,
    RunHistory,
    CredentialStateStore,
    LandingStore,
    EntityStore,
    WorkQueue,
    DeliveryStore,
    RejectionStore,
    RetentionStore,
    ErasureStore,
    SuppressionStore,
    ScheduleStore,
    StartLedger,
    AlertStore,
    WorkerRegistry,
    CompanyStore,
    AuditLog {
  /**
   * Identifies the database. A sink with the same value writes inside the storage's transactions.
   * `null` when no sink can.
   */
  readonly database: object | null;
  /**
   * Checks that the database is one that this storage works with. It may be one version newer, if that version works
   * with programs of the version before. `beginRun` and `claimDueStarts` check it as well, in their transactions.
   * @throws {@link ConfigError} that names both versions and what to do, also for a database without tables.
   */
  checkSchema(): Promise<void>;
  /** Releases resources that the storage itself opened; a pool passed by the host stays open. May be called twice. */
  close(): Promise<void>;
}
