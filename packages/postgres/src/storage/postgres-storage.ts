import type { Storage } from "@titan-sync/core";
import type { Migration } from "@titan-sync/core/support";
import { type DatabaseOptions, openDatabase } from "../database/database.js";
import { createHeartbeatConnection } from "../database/heartbeat-connection.js";
import { migrations } from "../migrations/migrations.generated.js";
import { knownSchema } from "../migrations/schema-version.js";
import { findAcceptedRun, pruneAcceptedRuns, recordAcceptedRun } from "./accepted-runs.js";
import { addMessages, claimMessage, listMessages, settleMessage } from "./alert-messages.js";
import {
  acknowledgeIncident,
  addSilence,
  commitAlertTick,
  endSilence,
  listAlerts,
  listIncidents,
  listSilences,
  pruneAlerts,
  readAlerts,
} from "./alerts.js";
import { appendAudit, listAudit } from "./audit.js";
import { stage, storedBatches } from "./batches.js";
import { begin } from "./begin.js";
import { claim } from "./claim.js";
import { claimDueStarts, findLastTick } from "./claim-starts.js";
import { findCompany, saveCompany } from "./companies.js";
import { countEntities, findLease, listDelivered } from "./consistency-view.js";
import {
  findCredentialState,
  listCredentialStates,
  pauseCredential,
  resumeCredential,
} from "./credential-states.js";
import {
  createCredential,
  findCredential,
  listCredentials,
  setConnectionStatus,
  updateCredential,
} from "./credentials.js";
import { dismissRejections } from "./dismiss-rejections.js";
import { endAbandonedRuns } from "./end-abandoned.js";
import { enqueueKeys } from "./enqueue-keys.js";
import { entitySizes, entitySizesByLink } from "./entity-sizes.js";
import { acknowledgeBatch, eraseCustomer, tenantsOf } from "./erasure.js";
import { expand } from "./expand.js";
import { FeedLinks } from "./feed-links.js";
import { pruneSeenIds } from "./forget-seen.js";
import { land } from "./land.js";
import { endLostRun, listLostRuns } from "./lost-runs.js";
import { pruneAudit, pruneRejectionPayloads, pruneRuns } from "./prune.js";
import { recordCancelledRun } from "./record-cancelled.js";
import { listRecords } from "./records.js";
import { countRejections, listRejections } from "./rejections-read.js";
import { removeCredential } from "./remove-credential.js";
import { requestCancel } from "./request-cancel.js";
import { requeueKeys } from "./requeue-keys.js";
import { findCurrentRun, findRun, listRuns, measureDays, sumRuns } from "./run-history.js";
import { end, heartbeat } from "./run-lease.js";
import { keepPlace, places } from "./run-places.js";
import { findSchedule, listSchedules, removeSchedule, saveSchedule } from "./schedules.js";
import { forgetSeen } from "./seen.js";
import { settle } from "./settle.js";
import { listStarts, pruneStarts } from "./start-entries.js";
import {
  findSuppressionSecret,
  forgetSuppressions,
  keepSuppressionSecret,
  liftSuppressions,
  listSuppressionSecrets,
  listSuppressions,
  replaceSuppressionSecret,
  suppressedRows,
} from "./suppressions.js";
import { sweep } from "./sweep.js";
import { cursors, delivered, entities, entitiesByLink, hasLandedData } from "./tenant-reads.js";
import { acquireTokenLease, dropToken, releaseTokenLease, replaceCiphertexts, saveToken } from "./tokens.js";
import { countPendingIds, currentRecords, entityIds, listPendingIds } from "./work-reads.js";
import { beatWorker, forgetWorker, listWorkers } from "./workers.js";

export interface PostgresStorageOptions extends DatabaseOptions {}

/**
 * Stores all data in PostgreSQL, for any number of processes. {@link migrate} creates the tables. The pool remains
 * open; its owner closes it.
 *
 * @throws `ConfigError` for invalid options. Every method fails with `StorageError` when the database fails,
 * `retryable` if it may succeed later.
 *
 * @example
 * const pool = new Pool({ connectionString });
 * await migrate({ pool });
 * const titan = createTitanSync({ storage: postgresStorage({ pool }), sink: postgresSink({ pool }), keys });
 */
export function postgresStorage(options: PostgresStorageOptions): Storage {
  return storageOf(migrations, options);
}

/** {@link postgresStorage} of a program that knows other migrations than this package's. @internal */
export function storageOf(known: readonly Migration[], options: PostgresStorageOptions): Storage {
  const database = openDatabase(options);
  const schema = knownSchema(database, known, `The database schema ${database.schema}`);
  const feedLinks = new FeedLinks(database.tables);
  const heartbeats = createHeartbeatConnection(database, options.timeoutMs ?? 120_000);
  return {
    // Two pools cannot share a transaction.
    database: options.pool,
    checkSchema: schema.check,
    async close() {
      heartbeats.close();
      database.close();
    },

    createCredential: (credential) => createCredential(database, credential),
    findCredential: (id) => findCredential(database, id),
    listCredentials: (filter, page) => listCredentials(database, filter, page),
    updateCredential: (update) => updateCredential(database, update),
    removeCredential: (params) => removeCredential(database, params),
    setConnectionStatus: (params) => setConnectionStatus(database, params),
    hasLandedData: (scope) => hasLandedData(database, scope),
    saveToken: (params) => saveToken(database, params),
    dropToken: (params) => dropToken(database, params),
    acquireTokenLease: (params) => acquireTokenLease(database, params),
    releaseTokenLease: (params) => releaseTokenLease(database, params),
    replaceCiphertexts: (params) => replaceCiphertexts(database, params),

    findSchedule: (credentialId) => findSchedule(database, credentialId),
    listSchedules: (filter, page) => listSchedules(database, filter, page),
    saveSchedule: (params) => saveSchedule(database, params),
    removeSchedule: (params) => removeSchedule(database, params),
    claimDueStarts: (params) => claimDueStarts(database, schema, params),
    listStarts: (filter, page) => listStarts(database, filter, page),
    findLastTick: () => findLastTick(database),
    pruneStarts: (step) => pruneStarts(database, step),

    findCredentialState: (id) => findCredentialState(database, id),
    listCredentialStates: (filter, page) => listCredentialStates(database, filter, page),
    pauseCredential: (params) => pauseCredential(database, params),
    resumeCredential: (id) => resumeCredential(database, id),

    readAlerts: (params) => readAlerts(database, params),
    commitAlertTick: (tick) => commitAlertTick(database, tick),
    listAlerts: (filter, page) => listAlerts(database, filter, page),
    listIncidents: (filter, page) => listIncidents(database, filter, page),
    acknowledgeIncident: (params) => acknowledgeIncident(database, params),
    addSilence: (silence) => addSilence(database, silence),
    endSilence: (id) => endSilence(database, id),
    listSilences: (page) => listSilences(database, page),
    addMessages: (messages) => addMessages(database, messages),
    claimMessage: (params) => claimMessage(database, params),
    settleMessage: (params) => settleMessage(database, params),
    listMessages: (filter, page) => listMessages(database, filter, page),
    pruneAlerts: (step) => pruneAlerts(database, step),

    beatWorker: (beat) => beatWorker(database, beat),
    forgetWorker: (id) => forgetWorker(database, id),
    listWorkers: () => listWorkers(database),

    findCompany: (companyId) => findCompany(database, companyId),
    saveCompany: (companyId, details) => saveCompany(database, companyId, details),

    appendAudit: (entry) => appendAudit(database, entry),
    listAudit: (filter, page) => listAudit(database, filter, page),

    recordAcceptedRun: (params) => recordAcceptedRun(database, params),
    async beginRun(params) {
      await heartbeats.prepare();
      const begun = await begin(database, schema, params);
      heartbeats.keep(begun.run.id, params.leaseMs);
      return begun;
    },
    async renewLease(params) {
      heartbeats.keep(params.lease.runId, params.leaseMs);
      return await heartbeat(heartbeats, database.tables, params);
    },
    listLostRuns: (params) => listLostRuns(database, params),
    recordCancelledRun: (params) => recordCancelledRun(database, params),
    endLostRun: (params) => endLostRun(database, params),
    requestRunCancellation: (params) => requestCancel(database, params),
    async endRun(params) {
      try {
        return await end(database, params);
      } finally {
        heartbeats.release(params.lease.runId);
      }
    },

    landRows: (params) => land(database, params),
    sweepFeed: (params) => sweep(database, params),
    expandKeys: (params) => expand(database, feedLinks, params),
    saveRunPlace: (params) => keepPlace(database, params),
    findRunPlaces: (params) => places(database, params),
    forgetSeenIds: (params) => forgetSeen(database, params),
    requeueKeys: (params) => requeueKeys(database, params),
    enqueueKeys: (params) => enqueueKeys(database, params),
    claimKeys: (params) => claim(database, params),
    stageBatch: (params) => stage(database, params),
    settleKeys: (params) => settle(database, params),

    findCursors: (scope) => cursors(database, scope),
    findEntities: (params) => entities(database, params),
    findEntitiesByLink: (params) => entitiesByLink(database, feedLinks, params),
    findDeliveredRecords: (params) => delivered(database, params),
    listStagedBatches: (scope) => storedBatches(database, scope),

    findRun: (id) => findRun(database, id),
    findAcceptedRun: (acceptedId) => findAcceptedRun(database, acceptedId),
    findCurrentRun: (credentialId) => findCurrentRun(database, credentialId),
    listRuns: (filter, page) => listRuns(database, filter, page),
    sumRuns: (filter) => sumRuns(database, filter),
    dailyRunMetrics: (params) => measureDays(database, params),
    dismissRejections: (params) => dismissRejections(database, params),
    countRejections: (filter) => countRejections(database, filter),
    listRejections: (filter, page) => listRejections(database, filter, page),
    listRecords: (params, page) => listRecords(database, params, page),
    endAbandonedRuns: (step) => endAbandonedRuns(database, step),
    pruneSeenIds: (params) => pruneSeenIds(database, params),
    pruneRuns: (params) => pruneRuns(database, params),
    pruneAcceptedRuns: (step) => pruneAcceptedRuns(database, step),
    pruneRejectionPayloads: (step) => pruneRejectionPayloads(database, step),
    pruneAudit: (step) => pruneAudit(database, step),

    listEntityIds: (params) => entityIds(database, params),
    listPendingIds: (params) => listPendingIds(database, params),
    countPendingIds: (params) => countPendingIds(database, params),
    findCurrentRecords: (params) => currentRecords(database, params),

    findEntitySizes: (params) => entitySizes(database, feedLinks, params),
    findEntitySizesByLink: (params) => entitySizesByLink(database, feedLinks, params),

    countEntities: (params) => countEntities(database, params),
    listDeliveredRecords: (params) => listDelivered(database, params),
    findLease: (credentialId) => findLease(database, credentialId),

    listTenants: (companyId) => tenantsOf(database, companyId),
    eraseCustomer: (params) => eraseCustomer(database, feedLinks, params),
    acknowledgeBatch: (params) => acknowledgeBatch(database, params),

    findSuppressionSecret: (companyId) => findSuppressionSecret(database, companyId),
    saveSuppressionSecret: (secret) => keepSuppressionSecret(database, secret),
    listSuppressionSecrets: (page) => listSuppressionSecrets(database, page),
    replaceSuppressionSecret: (params) => replaceSuppressionSecret(database, params),
    listSuppressedRows: (params) => suppressedRows(database, params),
    listSuppressions: (filter, page) => listSuppressions(database, filter, page),
    liftSuppressions: (filter) => liftSuppressions(database, filter),
    removeSuppressions: (companyId) => forgetSuppressions(database, companyId),
  };
}
