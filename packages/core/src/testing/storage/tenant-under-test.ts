import { randomUUID } from "node:crypto";
import { eachItem } from "../../async/each-page.js";
import type { FeedName } from "../../feeds/feed.js";
import type { StoredCredential } from "../../ports/credential-store.js";
import type { SettledItem, Settlement } from "../../ports/delivery-store.js";
import type { LandParams, LandResult, SweepResult } from "../../ports/landing-store.js";
import type { Page, PageRequest } from "../../ports/page.js";
import type { NewRejection, StoredRejection } from "../../ports/rejection-store.js";
import type { CancelOutcome, LeaseRenewal, StartedRun } from "../../ports/run-store.js";
import type { Storage } from "../../ports/storage.js";
import type { EndStatus, RunFailure, RunLease, RunRequest, StoredRun } from "../../ports/sync-run.js";
import type { Environment, TenantScope } from "../../ports/tenant.js";
import type { ClaimedKey, Expansion, Touch } from "../../ports/work-queue.js";
import type { KnownRecordType } from "../../records/record.js";
import { defaultRequest, figuresOf } from "./samples.js";

/** The lease of a suite's run, unless the test lets it expire. */
export const leaseMs = 60_000;

/** The feed whose ids are a record's ids. */
export const driverOf: Readonly<Record<KnownRecordType, FeedName>> = {
  member: "customers",
  invoice: "invoices",
};

/** A customer's change concerns the member, and the invoices that name the customer. */
export const customerTouches: readonly Touch[] = [
  { record: "member", feed: "customers", link: null },
  { record: "invoice", feed: "customers", link: null },
];

/** One company's tenant with a credential, never used by another test. */
export interface TenantUnderTest {
  readonly storage: Storage;
  readonly scope: TenantScope;
  readonly credential: StoredCredential;
  /** Takes the lease of a run. */
  begin(request?: Partial<RunRequest>): Promise<RunUnderTest>;
  rejections(): Promise<readonly StoredRejection[]>;
}

/** A run and the verbs that its owner calls, with what tests seldom care about filled in. */
export interface RunUnderTest extends StartedRun {
  land(params: Partial<LandParams>): Promise<LandResult>;
  sweep(params?: {
    feed?: FeedName;
    touches?: readonly Touch[];
    maxShare?: number;
    spareAfter?: number | null;
  }): Promise<SweepResult>;
  enqueue(params?: {
    record?: KnownRecordType;
    after?: string | null;
    limit?: number;
    seenOnly?: boolean;
  }): Promise<string | null>;
  expand(expansion: Expansion, limit?: number): Promise<boolean>;
  claim(params?: {
    record?: KnownRecordType;
    after?: string | null;
    limit?: number;
    seenOnly?: boolean;
  }): Promise<readonly ClaimedKey[]>;
  /** The ids of {@link RunUnderTest.claim}. */
  claimIds(params?: Parameters<RunUnderTest["claim"]>[0]): Promise<readonly string[]>;
  stage(id: string, content?: string, ids?: readonly string[]): Promise<void>;
  settle(
    items: readonly SettledItem[],
    params?: { record?: KnownRecordType; batchId?: string | null; figures?: Settlement["figures"] },
  ): Promise<void>;
  /** Claims all that is listed of a record, and takes it off as unchanged. */
  clearWorkQueue(record?: KnownRecordType): Promise<void>;
  heartbeat(): Promise<LeaseRenewal>;
  requestCancel(actor?: string): Promise<CancelOutcome | null>;
  end(status?: EndStatus, error?: RunFailure | null): Promise<StoredRun>;
}

export interface NewTenant {
  readonly companyId?: string;
  readonly environment?: Environment;
  readonly tenantId?: string;
}

/** Adds a credential for a tenant that no other test knows. */
export async function createTenant(storage: Storage, given: NewTenant = {}): Promise<TenantUnderTest> {
  const scope: TenantScope = {
    companyId: given.companyId ?? randomCompanyId(),
    environment: given.environment ?? "production",
    tenantId: given.tenantId ?? "100200300",
  };
  const credential = await storage.createCredential({
    id: randomUUID(),
    ...scope,
    clientId: "encrypted-client-id",
    clientSecret: "encrypted-client-secret",
    appKey: "encrypted-app-key",
    status: "connected",
  });
  return {
    storage,
    scope,
    credential,
    async begin(request = {}) {
      const begun = await storage.beginRun({
        credentialId: credential.id,
        scope,
        type: "manual",
        request: { ...defaultRequest, ...request },
        runId: randomUUID(),
        leaseMs,
      });
      return operate(storage, scope, begun);
    },
    async rejections() {
      return readAll((page) => storage.listRejections({ companyId: scope.companyId }, page));
    },
  };
}

export function randomCompanyId(): string {
  return `company-${randomUUID()}`;
}

/** Follows a list to its end. */
export async function readAll<Item>(
  list: (page: PageRequest) => Promise<Page<Item>>,
  limit = 100,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const item of eachItem(list, { pageSize: limit })) items.push(item);
  return items;
}

/** The verbs of this lease's holder, even if the lease is no longer valid. */
export function operate(storage: Storage, scope: TenantScope, begun: StartedRun): RunUnderTest {
  const lease: RunLease = begun.lease;
  const run: RunUnderTest = {
    ...begun,
    land: (params) =>
      storage.landRows({
        lease,
        scope,
        feed: "customers",
        source: "export",
        entities: [],
        rejections: [],
        touches: customerTouches,
        repeated: 0,
        cursor: null,
        endsPage: true,
        markSeen: false,
        healsBefore: null,
        ...params,
      }),
    sweep: ({ feed = "customers", touches = customerTouches, maxShare = 1, spareAfter = null } = {}) =>
      storage.sweepFeed({ lease, scope, feed, touches, maxShare, spareAfter }),
    enqueue: ({ record = "member", after = null, limit = 100, seenOnly = false } = {}) =>
      storage.enqueueKeys({ lease, scope, record, feed: driverOf[record], after, limit, seenOnly }),
    expand: (expansion, limit = 100) => storage.expandKeys({ lease, scope, expansion, limit }),
    claim: ({ record = "member", after = null, limit = 100, seenOnly = false } = {}) =>
      storage.claimKeys({ lease, scope, record, feed: driverOf[record], after, limit, seenOnly }),
    claimIds: async (params) => (await run.claim(params)).map((key) => key.id),
    stage: (id, content = "{}", ids = []) =>
      storage.stageBatch({
        lease,
        scope,
        batch: { id, record: "member", content },
        feed: driverOf.member,
        ids,
      }),
    settle: (items, { record = "member", batchId = null, figures = figuresOf(items) } = {}) =>
      storage.settleKeys({
        lease,
        scope,
        record,
        feed: driverOf[record],
        batchId,
        settlement: { items, figures },
      }),
    async clearWorkQueue(record = "member") {
      for (;;) {
        const keys = await run.claim({ record });
        if (keys.length === 0) return;
        await run.settle(
          keys.map((key) => ({ ...key, outcome: "unchanged" })),
          { record },
        );
      }
    },
    heartbeat: () => storage.renewLease({ lease, leaseMs }),
    requestCancel: (actor = "somebody") =>
      storage.requestRunCancellation({ companyId: scope.companyId, runId: lease.runId, actor }),
    end: (status = "completed", error = null) => storage.endRun({ lease, status, warnings: [], error }),
  };
  return run;
}

/** A rejection of a customer, with what tests seldom care about filled in. */
export function rejectionOf(entityId: string, given: Partial<NewRejection> = {}): NewRejection {
  return {
    feed: "customers",
    entityId,
    stage: "record",
    rules: ["address"],
    message: "zip is missing",
    payload: `{"id":${entityId}}`,
    ...given,
  };
}
