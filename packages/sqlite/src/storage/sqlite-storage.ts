import { ConfigError, type Storage } from "@titan-sync/core";
import { openTarget, type SqliteDatabase, type SqliteTarget } from "../database/database.js";
import { requireKnown, requireUsable } from "../migrations/migrate.js";
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
import { listStagedBatches, stageBatch } from "./batches.js";
import { beginRun } from "./begin.js";
import { claimKeys } from "./claim.js";
import { claimDueStarts, findLastTick } from "./claim-starts.js";
import { findCompany, saveCompany } from "./companies.js";
import { countEntities, findLease, listDeliveredRecords } from "./consistency-view.js";
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
import { findEntitySizes, findEntitySizesByLink } from "./entity-sizes.js";
import { acknowledgeBatch, eraseCustomer, listTenants } from "./erasure.js";
import { expandKeys } from "./expand.js";
import { pruneSeenIds } from "./forget-seen.js";
import { landRows } from "./land.js";
import { findEntities, findEntitiesByLink } from "./landed-rows.js";
import { endLostRun, listLostRuns } from "./lost-runs.js";
import { pruneAudit, pruneRejectionPayloads, pruneRuns } from "./prune.js";
import { recordCancelledRun } from "./record-cancelled.js";
import { listRecords } from "./records.js";
import { countRejections, listRejections } from "./rejections-read.js";
import { removeCredential } from "./remove-credential.js";
import { requestCancel } from "./request-cancel.js";
import { dailyRunMetrics, findCurrentRun, findRun, listRuns, sumRuns } from "./run-history.js";
import { endRun, renewLease } from "./run-lease.js";
import { findRunPlaces, saveRunPlace } from "./run-places.js";
import { findSchedule, listSchedules, removeSchedule, saveSchedule } from "./schedules.js";
import { forgetSeenIds } from "./seen.js";
import { settleKeys } from "./settle.js";
import { listStarts, pruneStarts } from "./start-entries.js";
import {
  findSuppressionSecret,
  liftSuppressions,
  listSuppressedRows,
  listSuppressionSecrets,
  listSuppressions,
  removeSuppressions,
  replaceSuppressionSecret,
  saveSuppressionSecret,
} from "./suppressions.js";
import { sweepFeed } from "./sweep.js";
import { findCursors, findDeliveredRecords, hasLandedData } from "./tenant-reads.js";
import { acquireTokenLease, dropToken, releaseTokenLease, replaceCiphertexts, saveToken } from "./tokens.js";
import { enqueueKeys, requeueKeys } from "./work-queue.js";
import { countPendingIds, findCurrentRecords, listEntityIds, listPendingIds } from "./work-reads.js";
import { beatWorker, forgetWorker, listWorkers } from "./workers.js";

export type SqliteStorageOptions = SqliteTarget & {
  /**
   * How long a sink's `writeIn` may take, in milliseconds, at most a third of a lease. All other writers to the file
   * wait for it.
   * @defaultValue 5000
   */
  readonly writeInTimeoutMs?: number | undefined;
};

/** A storage in an SQLite file. */
export interface SqliteStorage extends Storage {
  /** Pass it to sinks that write in the storage's transactions. */
  readonly database: SqliteDatabase;
}

/**
 * Stores all data in one SQLite file, for any number of processes on one machine. {@link migrate} creates the tables.
 * With a `path` it opens the file, and closes it in `close`; a `database` that you pass remains open.
 *
 * @throws `ConfigError` for invalid options, or for a file of another program or of a newer version. Every method fails
 * with `StorageError` when the database fails, `retryable` if it may succeed later.
 *
 * @example
 * const database = openSqlite({ path: ".titan-sync/titan-sync.db" });
 * await migrate({ database });
 * const titan = createTitanSync({ storage: sqliteStorage({ database }), sink: sqliteSink({ database }), keys });
 */
export function sqliteStorage(options: SqliteStorageOptions): SqliteStorage {
  const { writeInTimeoutMs = 5000 } = options;
  if (!Number.isFinite(writeInTimeoutMs) || writeInTimeoutMs <= 0) {
    throw new ConfigError(`writeInTimeoutMs must be more than 0, not ${JSON.stringify(writeInTimeoutMs)}.`);
  }
  const { database, close } = requireUsable(openTarget(options));
  return {
    database,
    checkSchema: () => database.read((statements) => requireKnown(statements, database.knownMigrations)),
    close,

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
    claimDueStarts: (params) => claimDueStarts(database, params),
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
    beginRun: (params) => beginRun(database, params),
    renewLease: (params) => renewLease(database, params),
    listLostRuns: (params) => listLostRuns(database, params),
    recordCancelledRun: (params) => recordCancelledRun(database, params),
    endLostRun: (params) => endLostRun(database, params),
    requestRunCancellation: (params) => requestCancel(database, params),
    endRun: (params) => endRun(database, params),

    landRows: (params) => landRows(database, params),
    sweepFeed: (params) => sweepFeed(database, params),
    expandKeys: (params) => expandKeys(database, params),
    saveRunPlace: (params) => saveRunPlace(database, params),
    findRunPlaces: (params) => findRunPlaces(database, params),
    forgetSeenIds: (params) => forgetSeenIds(database, params),
    requeueKeys: (params) => requeueKeys(database, params),
    enqueueKeys: (params) => enqueueKeys(database, params),
    claimKeys: (params) => claimKeys(database, params),
    stageBatch: (params) => stageBatch(database, params),
    settleKeys: (params) => settleKeys(database, params, writeInTimeoutMs),

    findCursors: (scope) => findCursors(database, scope),
    findEntities: (params) => findEntities(database, params),
    findEntitiesByLink: (params) => findEntitiesByLink(database, params),
    findDeliveredRecords: (params) => findDeliveredRecords(database, params),
    listStagedBatches: (scope) => listStagedBatches(database, scope),

    findRun: (id) => findRun(database, id),
    findAcceptedRun: (acceptedId) => findAcceptedRun(database, acceptedId),
    findCurrentRun: (credentialId) => findCurrentRun(database, credentialId),
    listRuns: (filter, page) => listRuns(database, filter, page),
    sumRuns: (filter) => sumRuns(database, filter),
    dailyRunMetrics: (params) => dailyRunMetrics(database, params),
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

    listEntityIds: (params) => listEntityIds(database, params),
    listPendingIds: (params) => listPendingIds(database, params),
    countPendingIds: (params) => countPendingIds(database, params),
    findCurrentRecords: (params) => findCurrentRecords(database, params),

    findEntitySizes: (params) => findEntitySizes(database, params),
    findEntitySizesByLink: (params) => findEntitySizesByLink(database, params),

    countEntities: (params) => countEntities(database, params),
    listDeliveredRecords: (params) => listDeliveredRecords(database, params),
    findLease: (credentialId) => findLease(database, credentialId),

    listTenants: (companyId) => listTenants(database, companyId),
    eraseCustomer: (params) => eraseCustomer(database, params, writeInTimeoutMs),
    acknowledgeBatch: (params) => acknowledgeBatch(database, params),

    findSuppressionSecret: (companyId) => findSuppressionSecret(database, companyId),
    saveSuppressionSecret: (secret) => saveSuppressionSecret(database, secret),
    listSuppressionSecrets: (page) => listSuppressionSecrets(database, page),
    replaceSuppressionSecret: (params) => replaceSuppressionSecret(database, params),
    listSuppressedRows: (params) => listSuppressedRows(database, params),
    listSuppressions: (filter, page) => listSuppressions(database, filter, page),
    liftSuppressions: (filter) => liftSuppressions(database, filter),
    removeSuppressions: (companyId) => removeSuppressions(database, companyId),
  };
}
