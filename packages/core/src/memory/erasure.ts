import type { ErasureStore } from "../ports/erasure-store.js";
import { findCustomer, forgetCustomer } from "./erase-customer.js";
import { MemoryTransaction } from "./memory-transaction.js";
import { scopeKey } from "./scope-key.js";
import type { SyncTables } from "./sync-tables.js";
import { compareScopes } from "./tenant-data.js";

/** Takes customers' data out of the tables. */
export function memoryErasure({ clock, tenants, rejections, runs }: SyncTables): ErasureStore {
  return {
    async tenantsOf(companyId) {
      const known = new Map(
        runs.journal
          .newestFirst()
          .filter((run) => run.scope.companyId === companyId)
          .reverse()
          .map(({ scope, credentialId }) => [scopeKey(scope), { scope, credentialId }]),
      );
      return [...known.values()].sort((left, right) => compareScopes(left.scope, right.scope));
    },

    async eraseCustomer(params) {
      const { scope, rejected, withdraw } = params;
      const release = runs.lock(scope);
      const transaction = new MemoryTransaction();
      try {
        const tenant = tenants.for(scope);
        const found = findCustomer(tenant, params, clock);
        const withdrawal = await withdraw(transaction, found);
        transaction.commit();
        return forgetCustomer(tenant, rejections, found, rejected, withdrawal);
      } finally {
        transaction.rollback();
        release();
      }
    },

    async acknowledgeBatch({ scope, batchId }) {
      tenants.read(scope).batches.delete(batchId);
    },
  };
}
