import { z } from "zod";
import { eachItem } from "../async/each-page.js";
import { checkRequest } from "../check-request.js";
import type { CredentialManager } from "../credentials/credential-manager.js";
import type { CredentialSummary } from "../credentials/credential-summary.js";
import { TitanSyncError, ValidationError } from "../errors.js";
import type { ApiClient } from "../http/api-client.js";
import type { Clock } from "../ports/clock.js";
import type { RecordSinkObject } from "../ports/record-sink.js";
import type { Storage } from "../ports/storage.js";
import type { TenantScope } from "../ports/tenant.js";
import type { RecordCatalog } from "../records/definitions/catalog.js";
import type { CompanyProfile } from "../records/map-context.js";
import { type ComparedTenant, compareFeeds } from "./compare-feeds.js";
import { compareRecords } from "./compare-records.js";
import { compareLedgers, compareWorkQueue, findLiveRun, judgeCurrentRun } from "./compare-runs.js";
import { compareSink } from "./compare-sink.js";
import { type Difference, differenceOf, type FoundDifference } from "./difference.js";
import { findDismissedIn } from "./dismissed.js";

/** What is to be compared. */
export interface VerifyRequest {
  /** Only this credential. @defaultValue all of them */
  readonly credentialId?: string | undefined;
  /** Only this company's credentials. */
  readonly companyId?: string | undefined;
  /**
   * Whether landed rows are compared with the API's totals. The credential is opened for that as for a sync: this is
   * audited, and a token that was renewed is kept. Everything else writes nothing. @defaultValue true
   */
  readonly api?: boolean | undefined;
  /** Who requested it, for the audit log. @defaultValue "system" */
  readonly actor?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface VerifyResult {
  /** Whether no difference is a problem. */
  readonly isConsistent: boolean;
  /** The number of checked credentials. */
  readonly credentials: number;
  /** All differences of one credential. */
  readonly differences: readonly Difference[];
}

export interface VerifyOptions {
  readonly catalog: RecordCatalog;
  readonly storage: Storage;
  readonly sink: RecordSinkObject;
  readonly clock: Clock;
  readonly credentials: Pick<CredentialManager, "list">;
  /** @throws what makes the credential unusable. */
  openClient(credentialId: string, actor: string): Promise<ApiClient>;
  /** @throws what makes the company unusable. */
  profileOf(companyId: string): Promise<CompanyProfile>;
}

const requestSchema = z.strictObject({
  credentialId: z.string().min(1).optional(),
  companyId: z.string().min(1).optional(),
  api: z.boolean().default(true),
  actor: z.string().min(1).default("system"),
  signal: z.instanceof(AbortSignal).optional(),
});

type CheckedRequest = z.infer<typeof requestSchema>;

/**
 * Compares landed rows with the API's totals, what was delivered with the sink, the work queue with runs and leases,
 * and ledgers with tables. Changes none of them.
 * @throws {@link ValidationError} for an unusable request or an unknown credential, {@link AbortedError} when stopped.
 */
export async function verify(options: VerifyOptions, given: VerifyRequest): Promise<VerifyResult> {
  const request = checkRequest(requestSchema, given, "check");
  const differences: Difference[] = [];
  const credentials = await findCredentials(options, request);
  for (const credential of credentials) {
    const found = await verifyCredential(options, credential, request);
    differences.push(...found.map((one) => differenceOf(credential, one)));
  }
  return {
    isConsistent: differences.every(({ level }) => level !== "problem"),
    credentials: credentials.length,
    differences,
  };
}

async function findCredentials(
  { credentials }: VerifyOptions,
  { credentialId, companyId, signal }: CheckedRequest,
): Promise<readonly CredentialSummary[]> {
  const found: CredentialSummary[] = [];
  for await (const credential of eachItem((page) => credentials.list({ companyId }, page), { signal })) {
    if (credentialId === undefined || credential.id === credentialId) found.push(credential);
  }
  if (credentialId !== undefined && found.length === 0) {
    throw new ValidationError("No credential with this id exists.");
  }
  return found;
}

const never = new AbortController().signal;

async function verifyCredential(
  options: VerifyOptions,
  { id, companyId, environment, tenantId }: CredentialSummary,
  { api, actor, signal = never }: CheckedRequest,
): Promise<readonly FoundDifference[]> {
  const { storage, sink, clock, catalog } = options;
  const scope: TenantScope = { companyId, environment, tenantId };
  const alive = await findLiveRun(storage, id);
  if (alive !== null) return [stillWorking(alive)];

  const current = await storage.findCurrentRun(id);
  const { items: runs } = await storage.listRuns({ credentialId: id }, { limit: 100 });
  const found: FoundDifference[] = [
    ...judgeCurrentRun(current, clock.now()),
    ...(await compareWorkQueue(catalog, storage, scope, runs[0] ?? null)),
    ...(await compareLedgers(storage, id, scope, signal)),
  ];
  const cursors = await storage.findCursors(scope);
  // Entities that were never derived are not queued: the first derivation starts with all of them.
  const derived = catalog.plans.filter((plan) => (cursors.get(plan.driver)?.enqueuedWith ?? null) !== null);
  const profile = await profileFor(options, companyId);
  const findDismissed = findDismissedIn(storage, scope, signal);
  for (const plan of derived) {
    if (profile !== null) {
      found.push(...(await compareRecords(storage, scope, plan, profile, id, findDismissed, signal)));
    }
    found.push(...(await compareSink(storage, sink, scope, plan.record, signal)));
  }
  if (api) {
    const feedsOff = profile?.feedsOff ?? [];
    found.push(
      ...(await compareWithApi(
        options,
        { credentialId: id, scope, runs, feedsOff, findDismissed },
        actor,
        signal,
      )),
    );
  }
  // A run that started meanwhile would cause false differences.
  const begun = await findLiveRun(storage, id);
  return begun === null ? found : [stillWorking(begun)];
}

function stillWorking(runId: string): FoundDifference {
  return {
    code: "RUN_ALIVE",
    level: "note",
    subject: runId,
    message: `Run ${runId} is in progress for this tenant: nothing was compared.`,
    hint: "Check again after it has ended.",
  };
}

/** `null` for a company whose details are unknown or unusable: a sync reports that. */
async function profileFor({ profileOf }: VerifyOptions, companyId: string): Promise<CompanyProfile | null> {
  try {
    return await profileOf(companyId);
  } catch (error) {
    if (TitanSyncError.is(error)) return null;
    throw error;
  }
}

async function compareWithApi(
  { catalog, storage, openClient }: VerifyOptions,
  tenant: ComparedTenant,
  actor: string,
  signal: AbortSignal,
): Promise<readonly FoundDifference[]> {
  try {
    const client = await openClient(tenant.credentialId, actor);
    return await compareFeeds(catalog, storage, client, tenant, signal);
  } catch (error) {
    if (signal.aborted || !TitanSyncError.is(error)) throw error;
    return [
      {
        code: "API_NOT_READ",
        level: "note",
        subject: "ServiceTitan",
        message: `Landed rows were not compared with ServiceTitan: ${error.message}`,
        hint: error.hint,
      },
    ];
  }
}
