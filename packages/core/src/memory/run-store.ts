import { isSuperseded } from "../ledger/superseded-run.js";
import type { RunHistory } from "../ports/run-history.js";
import type { RunStore } from "../ports/run-store.js";
import { isSameScope } from "../ports/tenant.js";
import { listRuns, measureDays, sumRuns } from "./run-history.js";
import type { SyncTables } from "./sync-tables.js";

/** Runs, who has their leases, and what they did. */
export function memoryRunStore({
  accepted,
  clock,
  places,
  runs,
}: SyncTables): Omit<RunStore, "recordCancelledRun"> & RunHistory {
  return {
    beginRun: async (params) => runs.begin(params),
    renewLease: async ({ lease, leaseMs }) => runs.heartbeat(lease, leaseMs),
    requestRunCancellation: async (params) => runs.requestCancel(params),
    endRun: async (params) => runs.end(params),

    listLostRuns: async ({ limit }) => runs.listLost(limit),
    endLostRun: async (params) => runs.endLost(params),

    async saveRunPlace({ lease, work, place }) {
      runs.require(lease);
      places.keep(lease.runId, work, place);
    },
    async findRunPlaces({ scope, runId }) {
      const run = runs.find(runId);
      return run !== null && isSameScope(run.scope, scope) ? places.of(runId) : new Map();
    },

    async recordAcceptedRun({ acceptedId, runId }) {
      const own = runs.find(acceptedId);
      if (own === null || isSuperseded(own)) accepted.record(acceptedId, runId, clock.now());
    },
    async findRun(id) {
      const own = runs.find(id);
      if (own !== null && !isSuperseded(own)) return own;
      return runs.find(accepted.find(id) ?? id) ?? own;
    },
    findAcceptedRun: async (acceptedId) => accepted.find(acceptedId),
    findCurrentRun: async (credentialId) => runs.findCurrent(credentialId),
    findLease: async (credentialId) => runs.findLease(credentialId),
    listRuns: async (filter, page) => listRuns(runs.journal, filter, page, (run) => runs.shown(run)),
    sumRuns: async (filter) => sumRuns(runs.journal, filter),
    dailyRunMetrics: async (params) => measureDays(runs.journal, params),
  };
}
