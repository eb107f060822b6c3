import type { Page, PageRequest } from "./page.js";
import type { Environment, TenantScope } from "./tenant.js";

/** A customer whose rows are kept out of one tenant's data. */
export interface Suppression {
  readonly scope: TenantScope;
  /** Stands for the customer's id: a hash under the company's suppression secret. */
  readonly customer: string;
  /** Epoch milliseconds: when the customer was last erased. */
  readonly suppressedAt: number;
}

/** Whose suppressions: one company's, in one environment or both. */
export interface SuppressionFilter {
  readonly companyId: string;
  readonly environment?: Environment | undefined;
  /** Only this customer, by its hash. */
  readonly customer?: string | undefined;
}

/** The key of a company's hashes, encrypted. */
export interface SuppressionSecret {
  readonly companyId: string;
  readonly secret: string;
}

/**
 * The suppression list: the erased customers who must not come back, as keyed hashes only. {@link
 * ErasureStore.eraseCustomer} adds to it. It outlives credentials and their data. Implementations never see an id or a
 * secret in plaintext.
 */
export interface SuppressionStore {
  /** `null` for a company that has none. */
  findSuppressionSecret(companyId: string): Promise<string | null>;
  /** Keeps a company's secret unless it has one. @returns the one that is kept, the same for everybody. */
  saveSuppressionSecret(secret: SuppressionSecret): Promise<string>;
  /** Ordered by company. */
  listSuppressionSecrets(page: PageRequest): Promise<Page<SuppressionSecret>>;
  /**
   * Replaces a secret's ciphertext by another of the same secret, as key rotation does.
   * @returns `false`, with nothing changed, when `expected` is no longer stored.
   */
  replaceSuppressionSecret(params: {
    readonly companyId: string;
    readonly expected: string;
    readonly replacement: string;
  }): Promise<boolean>;
  /** Hashes of all rows that are kept out of one tenant, in order, those above `after`, `limit` at most. */
  listSuppressedRows(params: {
    readonly scope: TenantScope;
    readonly after: string | null;
    readonly limit: number;
  }): Promise<readonly string[]>;
  /** Ordered by environment, tenant and hash. */
  listSuppressions(filter: SuppressionFilter, page: PageRequest): Promise<Page<Suppression>>;
  /** Removes customers from the list. @returns the number of tenants whose lists changed. */
  liftSuppressions(filter: SuppressionFilter): Promise<number>;
  /** Drops a company's whole list and its secret. */
  removeSuppressions(companyId: string): Promise<void>;
}
