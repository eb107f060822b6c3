import { systemClock } from "../async/system-clock.js";
import type { Clock } from "../ports/clock.js";
import type { Storage } from "../ports/storage.js";
import { isSameScope } from "../ports/tenant.js";
import { memoryAlerts } from "./alert-table.js";
import { memoryAuditLog } from "./audit-table.js";
import { memoryCompanies } from "./company-table.js";
import { memoryCredentialStates } from "./credential-states.js";
import { memoryCredentials } from "./credential-table.js";
import { memoryDeliveryStore } from "./delivery-store.js";
import { memoryEntityStore } from "./entity-store.js";
import { memoryErasureStore } from "./erasure-store.js";
import { memoryLandingStore } from "./landing-store.js";
import { MemoryDatabase } from "./memory-database.js";
import { pruneRuns } from "./prune-runs.js";
import { memoryRunStore } from "./run-store.js";
import { memorySchedules } from "./schedule-table.js";
import { memoryStarts } from "./start-table.js";
import { createSyncTables } from "./sync-tables.js";
import { memoryWorkQueue } from "./work-queue.js";
import { memoryWorkers } from "./worker-table.js";

export interface MemoryStorageOptions {
  /** The clock for leases, runs and everything else. @defaultValue the machine's */
  readonly clock?: Clock | undefined;
}

/**
 * Keeps everything in this process's memory, for trials and tests: it is gone when the process ends. It makes
 * the same promises as a database. Each verb does its work without waiting in between, so that nothing is
 * ever half done.
 *
 * @example
 * const storage = memoryStorage();
 * const titan = createTitanSync({ storage, keys, sink: memorySink({ storage }) });
 */
export function memoryStorage({ clock = systemClock }: MemoryStorageOptions = {}): Storage {
  const tables = createSyncTables(clock);
  const { tenants, rejections, runs } = tables;
  const runStore = memoryRunStore(tables);
  const {
    find: findCredential,
    all: allCredentials,
    remove,
    recordSync,
    ...credentials
  } = memoryCredentials(clock);
  const { prune: pruneAudit, append: appendAudit, ...audit } = memoryAuditLog(clock);
  const {
    forget: forgetSchedule,
    all: allSchedules,
    put: putSchedule,
    ...schedules
  } = memorySchedules(clock, findCredential, (schedule, decided) => {
    starts.forgetCatchUp(schedule.credentialId);
    starts.record(schedule, decided);
  });
  const {
    forget: forgetState,
    find: findState,
    recordEnd,
    ...states
  } = memoryCredentialStates({
    clock,
    findCredential,
    allCredentials,
    findCurrent: (id) => runs.findCurrent(id),
  });
  const database = new MemoryDatabase((id) => findCredential(id) !== null);
  const { prune: pruneAlerts, ...alerts } = memoryAlerts(clock);
  const starts = memoryStarts({ schedules: allSchedules, put: putSchedule, stateOf: findState });

  return {
    ...credentials,
    ...schedules,
    ...states,
    claimDueStarts: starts.claimDueStarts,
    listStarts: starts.listStarts,
    findLastTick: starts.findLastTick,
    ...alerts,
    ...memoryWorkers(clock),
    ...memoryCompanies(),
    ...audit,
    ...memoryLandingStore(tables),
    ...memoryEntityStore(tables),
    ...memoryWorkQueue(tables),
    ...memoryDeliveryStore(tables),
    ...memoryErasureStore(tables),
    ...tables.suppressions.store(),
    database,
    checkSchema: async () => undefined,
    close: async () => undefined,

    async removeCredential({ id, withData }) {
      const credential = findCredential(id);
      if (credential === null) return false;
      runs.requireNoLiveLease(id);
      remove(id);
      forgetSchedule(id);
      forgetState(id);
      database.credentialRemoved(id);
      starts.forget(id);
      if (!withData) runs.cancelCurrent(id);
      else {
        const { companyId, environment, tenantId } = credential;
        const scope = { companyId, environment, tenantId };
        tenants.forget(scope);
        rejections.forget(scope);
        runs.forget((run) => {
          const isForgotten = run.credentialId === id || isSameScope(run.scope, scope);
          if (isForgotten) tables.accepted.forget(run.id);
          return isForgotten;
        });
      }
      return true;
    },

    ...runStore,
    async dismissRejections({ auditEntryOf, ...params }) {
      const closed = rejections.find(params);
      for (const entry of closed.map(auditEntryOf)) appendAudit(entry);
      for (const { scope, feed, entityId, stage } of closed) rejections.clear(scope, feed, entityId, [stage]);
      return closed;
    },
    async recordCancelledRun(params) {
      const credential = findCredential(params.credentialId);
      return credential !== null && isSameScope(credential, params.scope) && runs.addCancelled(params);
    },
    async endLostRun(params) {
      const run = runs.endLost(params);
      if (run !== null) recordEnd(run, {});
      return run;
    },
    async endRun(params) {
      const run = runs.end(params);
      recordSync(run.credentialId);
      recordEnd(run, params.completeness ?? {});
      return run;
    },

    countRejections: async (filter) => rejections.count(filter),
    listRejections: async (filter, page) => rejections.list(filter, page),

    endAbandonedRuns: async (step) => runs.endAbandoned(step),
    // They are gone with the end of their run.
    pruneSeenIds: async () => 0,
    pruneRuns: async (params) =>
      pruneRuns(runs.journal, params, {
        hasCredential: (id) => findCredential(id) !== null,
        hasData: (scope) => !tenants.read(scope).isEmpty || rejections.has(scope),
      }),
    pruneAcceptedRuns: async (step) => tables.accepted.prune(step),
    pruneRejectionPayloads: async (step) => rejections.prunePayloads(step),
    pruneAudit: async (step) => pruneAudit(step),
    pruneStarts: async (step) => starts.prune(step),
    pruneAlerts: async (step) => pruneAlerts(step),
  };
}
