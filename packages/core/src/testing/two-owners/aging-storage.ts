import type { Storage } from "../../ports/storage.js";
import type { RunLease } from "../../ports/sync-run.js";

/** A storage whose leases age when a test says so. */
export interface AgingStorage {
  readonly storage: Storage;
  /** Called once after the tests. @defaultValue closes the storage */
  readonly close?: (() => Promise<void>) | undefined;
  /**
   * Brings a credential's lease this many milliseconds closer to its end, by the storage's clock or in its
   * tables. May be
   * called inside a settlement function.
   */
  passTime(ms: number, credentialId: RunLease["credentialId"]): void | Promise<void>;
  /**
   * Milliseconds: leases age by less than this on their own while one interleaving is tested. 0 for a storage
   * with an injected clock, some seconds for one whose clock is the database's. @defaultValue 0
   */
  readonly driftMs?: number | undefined;
}
