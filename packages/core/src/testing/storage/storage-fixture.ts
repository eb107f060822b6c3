import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll } from "vitest";
import type { Storage } from "../../ports/storage.js";
import type { RunLease } from "../../ports/sync-run.js";
import type { StoragePart } from "./storage-parts.js";
import { createTenant, type NewTenant, type TenantUnderTest } from "./tenant-under-test.js";

/**
 * The storage under test. The suites only read their own companies, so other data does not disturb them. But they
 * prune, which deletes history of all companies: never use a storage that somebody needs.
 */
export interface StorageUnderTest {
  readonly storage: Storage;
  /** Called once, after the suite. @defaultValue closes the storage */
  readonly close?: (() => Promise<void>) | undefined;
  /**
   * Lets at least this many milliseconds pass by the storage's own clock, never more than about 50.
   * @defaultValue waits that long
   */
  readonly passTime?: ((ms: number) => void | Promise<void>) | undefined;
  /**
   * Lets the lease expire by the storage's own clock, without a new owner.
   * @defaultValue renews it for one millisecond, and waits
   */
  readonly expireLease?: ((lease: RunLease) => void | Promise<void>) | undefined;
}

export interface DescribeStorageOptions {
  /** The suite's title. @defaultValue "storage" */
  readonly name?: string | undefined;
  /** Called once, before the tests. */
  readonly setup: () => StorageUnderTest | Promise<StorageUnderTest>;
  /** Only these, in the order of {@link storageParts}. @defaultValue all of them */
  readonly parts?: readonly StoragePart[] | undefined;
}

/** What the parts of the suite share: a storage opened before the tests, and tenants that are always new. */
export interface StorageFixture {
  readonly storage: Storage;
  newTenant(given?: NewTenant): Promise<TenantUnderTest>;
  passTime(ms: number): Promise<void>;
  expireLease(lease: RunLease): Promise<void>;
}

/** Opens the storage before the tests of the surrounding `describe`, and closes it after them. */
export function useStorage({ setup }: DescribeStorageOptions): StorageFixture {
  let opened: StorageUnderTest | null = null;
  const current = (): StorageUnderTest => {
    if (opened === null) throw new Error("The storage is open only while tests run.");
    return opened;
  };
  const passTime = async (ms: number): Promise<void> => {
    const { passTime: pass = delay } = current();
    await pass(ms);
  };

  beforeAll(async () => {
    opened = await setup();
  });
  afterAll(async () => {
    const { storage, close = () => storage.close() } = current();
    await close();
  });

  return {
    get storage() {
      return current().storage;
    },
    newTenant: (given) => createTenant(current().storage, given),
    passTime,
    async expireLease(lease) {
      const { expireLease, storage } = current();
      if (expireLease !== undefined) return await expireLease(lease);
      await storage.renewLease({ lease, leaseMs: 1 });
      await passTime(20);
    },
  };
}
