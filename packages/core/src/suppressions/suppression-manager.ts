import { z } from "zod";
import type { Auditor } from "../audit/auditor.js";
import { checkRequest } from "../check-request.js";
import type { Page, PageRequest } from "../ports/page.js";
import type { Suppression, SuppressionFilter, SuppressionStore } from "../ports/suppression-store.js";
import type { Environment } from "../ports/tenant.js";
import { type HasherOptions, openHasher, provideHasher } from "./row-hasher.js";
import { loadSuppressedRows } from "./suppressed-rows.js";

/** A customer of a company. */
export interface CustomerOf {
  readonly companyId: string;
  /** ServiceTitan's id of the customer: digits. */
  readonly customerId: string;
}

/** Whose suppression is to end. */
export interface LiftRequest extends CustomerOf {
  /** Only in this environment. @defaultValue both */
  readonly environment?: Environment | undefined;
  /** Who requested it, for the audit log. @defaultValue "system" */
  readonly actor?: string | undefined;
  /** The request that it came with, for the audit log. */
  readonly requestId?: string | undefined;
}

export type ForgetRequest = Pick<LiftRequest, "companyId" | "actor" | "requestId">;

/**
 * The suppression list: the erased customers, whose rows are suppressed. It contains only keyed hashes of
 * ids, under a
 * secret of the company's own.
 */
export interface SuppressionManager {
  /** Ordered by environment, tenant and hash. */
  list(filter: Omit<SuppressionFilter, "customer">, page: PageRequest): Promise<Page<Suppression>>;
  /**
   * Where a customer is suppressed, one entry for each tenant.
   * @throws `ValidationError` for an unusable id, {@link CryptoError} when the company's secret
   * cannot be decrypted.
   */
  find(customer: CustomerOf): Promise<readonly Suppression[]>;
  /**
   * Returns which of these customers are currently suppressed.
   * @throws {@link CryptoError} when there is a list and the company's secret cannot be decrypted.
   */
  matcher(filter: Omit<SuppressionFilter, "customer">): Promise<(customerId: string) => boolean>;
  /**
   * The hash that identifies a customer in the list and in the audit log.
   * @throws as {@link SuppressionManager.find} does.
   */
  hashOf(customer: CustomerOf): Promise<string>;
  /**
   * Removes a customer from the list: the next full sync reads everything that ServiceTitan has of it, an
   * incremental one only what changed since.
   * @returns the number of tenants' lists that contained it.
   * @throws as {@link SuppressionManager.find} does.
   */
  lift(request: LiftRequest): Promise<number>;
  /**
   * Drops a company's whole list and its secret, even if the secret can no longer be decrypted. Erased
   * customers return with the next full sync: erase them again.
   */
  forget(request: ForgetRequest): Promise<void>;
}

export interface SuppressionManagerOptions extends HasherOptions {
  readonly store: SuppressionStore;
  readonly auditor: Auditor;
}

/** A company has a tenant for each environment, and may have had others before. */
const maxTenants = 1000;
const maxCustomers = 1_000_000;

const customerSchema = z.object({
  companyId: z.string().min(1),
  customerId: z
    .string()
    .regex(/^\d{1,19}$/, "expected digits")
    .transform((digits) => digits.replace(/^0+(?=\d)/, "")),
  environment: z.enum(["integration", "production"]).optional(),
});

export function createSuppressionManager(options: SuppressionManagerOptions): SuppressionManager {
  const { store, auditor } = options;

  /** `null` when nobody of the company was ever suppressed. */
  async function hashIfAny({ companyId, customerId }: CustomerOf): Promise<string | null> {
    const hasher = await openHasher(options, companyId);
    return hasher === null ? null : hasher.hash("customers", customerId);
  }

  return {
    list: (filter, page) => store.listSuppressions({ ...filter, customer: undefined }, page),

    async find(customer) {
      const { companyId, customerId } = checkRequest(customerSchema, customer, "customer");
      const hash = await hashIfAny({ companyId, customerId });
      if (hash === null) return [];
      const { items } = await store.listSuppressions({ companyId, customer: hash }, { limit: maxTenants });
      return items;
    },

    async matcher({ companyId, environment }) {
      const { items } = await store.listSuppressions({ companyId, environment }, { limit: maxCustomers });
      const scopes = new Map(items.map(({ scope }) => [`${scope.environment} ${scope.tenantId}`, scope]));
      const lists = await Promise.all(
        [...scopes.values()].map((scope) => loadSuppressedRows(options, scope)),
      );
      return (customerId) => lists.some((list) => list.has("customers", customerId));
    },

    async hashOf(customer) {
      const { companyId, customerId } = checkRequest(customerSchema, customer, "customer");
      return (await provideHasher(options, companyId)).hash("customers", customerId);
    },

    async lift({ actor = "system", requestId, ...request }) {
      const { companyId, customerId, environment } = checkRequest(customerSchema, request, "customer");
      const customer = await hashIfAny({ companyId, customerId });
      if (customer === null) return 0;
      const lifted = await store.liftSuppressions({ companyId, environment, customer });
      await auditor.record({
        actor,
        requestId,
        action: "suppression:lift",
        subject: customer,
        companyId,
        outcome: "success",
        details: { environment: environment ?? null, lifted },
      });
      return lifted;
    },

    async forget({ companyId, actor = "system", requestId }) {
      await store.removeSuppressions(companyId);
      await auditor.record({
        actor,
        requestId,
        action: "suppression:forget",
        subject: companyId,
        companyId,
        outcome: "success",
        details: {},
      });
    },
  };
}
