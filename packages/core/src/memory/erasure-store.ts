import type { ErasureStore } from "../ports/erasure-store.js";
import { carryOut, erasureReader } from "./erase-customer.js";
import { MemoryTransaction } from "./memory-transaction.js";
import { scopeKey } from "./scope-key.js";
import type { SyncTables } from "./sync-tables.js";
import { compareScopes } from "./tenant-data.js";

/** Takes customers' data out of the tables. */
export function memoryErasureStore({
  clock,
  tenants,
  rejections,
  runs,
  suppressions,
}: SyncTables): ErasureStore {
  return {
    async listTenants(companyId) {
      const known = new Map(
        runs.journal
          .newestFirst()
          .filter((run) => run.scope.companyId === companyId)
          .reverse()
          .map(({ scope, credentialId }) => [scopeKey(scope), { scope, credentialId }]),
      );
      return [...known.values()].sort((left, right) => compareScopes(left.scope, right.scope));
    },

    async eraseCustomer({ scope, decide }) {
      const release = runs.lock(scope);
      const transaction = new MemoryTransaction();
      try {
        const tenant = tenants.for(scope);
        const reader = erasureReader(tenant, rejections, clock);
        const erasure = await decide(transaction, reader, (work) => transaction.attempt(work));
        transaction.commit();
        if (erasure.suppress !== null) suppressions.add(scope, erasure.suppress);
        return carryOut(tenant, rejections, erasure);
      } finally {
        transaction.rollback();
        release();
      }
    },
  };
}
