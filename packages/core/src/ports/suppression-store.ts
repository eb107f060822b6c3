import type { Page, PageRequest } from "./page.js";
import type { Environment, TenantScope } from "./tenant.js";

/** An erased customer whose rows are not landed again for one tenant. */
export interface Suppression {
  readonly scope: TenantScope;
  /** A hash of the customer's id, keyed with the company's suppression secret. */
  readonly customer: string;
  /** Epoch milliseconds: when the customer was last erased. */
  readonly suppressedAt: number;
}

/** Filters suppressions of one company, in one environment or both. */
export interface SuppressionFilter {
  readonly companyId: string;
  readonly environment?: Environment | undefined;
  /** Filters by this customer's hash. */
  readonly customer?: string | undefined;
}

/** The key of a company's hashes, encrypted. */
export interface SuppressionSecret {
  readonly companyId: string;
  readonly secret: string;
}

/**
 * Stores the suppression list: erased customers whose rows must not be landed again, only as keyed hashes. {@link
 * ErasureStore.eraseCustomer} adds to it. It remains when credentials and their data are removed. Implementations never
 * see an id or a secret in plaintext.
 */
export interface SuppressionStore {
  /** `null` for a company that has none. */
  findSuppressionSecret(companyId: string): Promise<string | null>;
  /** Stores a company's secret unless it already has one. @returns the stored secret, the same for all callers. */
  saveSuppressionSecret(secret: SuppressionSecret): Promise<string>;
  /** Ordered by company. */
  listSuppressionSecrets(page: PageRequest): Promise<Page<SuppressionSecret>>;
  /**
   * Replaces a secret's ciphertext with another one of the same secret, as key rotation does.
   * @returns `false`, with nothing changed, when `expected` is no longer stored.
   */
  replaceSuppressionSecret(params: {
    readonly companyId: string;
    readonly expected: string;
    readonly replacement: string;
  }): Promise<boolean>;
  /** Up to `limit` hashes of one tenant's suppressed rows above `after`, in ascending order. */
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
