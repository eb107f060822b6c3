import { z } from "zod";
import { checkRequest } from "../check-request.js";
import { ownershipIn } from "../feeds/customer-links.js";
import { compareIds } from "../feeds/entity-id.js";
import type { CredentialStore } from "../ports/credential-store.js";
import type { Attempt } from "../ports/delivery-store.js";
import type { Encryptor } from "../ports/encryptor.js";
import type { Erasure, ErasureReader, KnownTenant } from "../ports/erasure-store.js";
import type { RecordBatch, RecordSinkObject, SinkAnswer } from "../ports/record-sink.js";
import type { Storage } from "../ports/storage.js";
import type { Environment } from "../ports/tenant.js";
import type { RecordCatalog } from "../records/definitions/catalog.js";
import type { RecordPlan } from "../records/definitions/record-plan.js";
import type { RecordType } from "../records/record.js";
import { provideHasher, type RowHasher } from "../suppressions/row-hasher.js";
import { type BatchContent, parseContent, toStoredBatch } from "../sync/deliver/batch-content.js";
import { sharesTransactions } from "../sync/run/shares-transactions.js";
import type { BatchWriter } from "../sync/sink/batch-writer.js";
import { affectedRecords } from "./affected-records.js";
import { findOwned, type OwnedData } from "./owned-data.js";
import { withdrawRecords } from "./withdraw-records.js";

/** Whose data is to be erased. */
export interface EraseRequest {
  readonly companyId: string;
  /** ServiceTitan's id of the customer: digits. */
  readonly customerId: string;
  /** Only in this environment. @defaultValue both */
  readonly environment?: Environment | undefined;
  /**
   * Whether the customer's rows are suppressed from now on, on every read path, until that is lifted.
   * Otherwise the customer returns when ServiceTitan sends one of its rows again. @defaultValue true
   */
  readonly suppress?: boolean | undefined;
  /** Who requested it, for the audit log. @defaultValue "system" */
  readonly actor?: string | undefined;
  /** The request that it came with, for the audit log. */
  readonly requestId?: string | undefined;
  /** Stops waiting for the sink. */
  readonly signal?: AbortSignal | undefined;
}

/** A record that the sink still has, or may have. The sink's operator has to remove it. */
export interface RemainingRecord {
  readonly environment: Environment;
  readonly tenantId: string;
  readonly record: RecordType;
  /** The customer's or invoice's ServiceTitan id: `source_id`. */
  readonly key: string;
  /**
   * `kept`: the sink does not remove records, or keeps its earlier output. `refused`: it did not accept the
   * removal.
   */
  readonly why: "kept" | "refused";
  /** The sink's reason for refusing; otherwise `null`. */
  readonly reason: string | null;
}

/** What was erased. All zero for a customer that is not known here. */
export interface ErasureResult {
  /** Landed ServiceTitan rows: the customer's own and those that belong to it. */
  readonly entities: number;
  /** Members and invoices that the sink has removed. */
  readonly records: number;
  /** Rejected rows with their payloads; only the payload of rows that cannot be attributed. */
  readonly rejections: number;
  /** Records that the sink still has. The customer is erased everywhere only if there are none. */
  readonly remaining: readonly RemainingRecord[];
  /** Whether rows of the customer are suppressed from now on. */
  readonly suppressed: boolean;
}

export interface EraseOptions {
  readonly catalog: RecordCatalog;
  readonly storage: Storage;
  readonly sink: RecordSinkObject;
  readonly writer: BatchWriter;
  readonly encryptor: Encryptor;
  readonly batchSize: number;
  readonly newId: () => string;
}

const requestSchema = z.strictObject({
  companyId: z.string().min(1),
  customerId: z
    .string()
    .regex(/^\d{1,19}$/, "expected digits")
    .transform((digits) => digits.replace(/^0+(?=\d)/, "")),
  environment: z.enum(["integration", "production"]).optional(),
  suppress: z.boolean().default(true),
  actor: z.string().min(1).default("system"),
  requestId: z.string().optional(),
  signal: z.instanceof(AbortSignal).optional(),
});

export type CheckedEraseRequest = z.infer<typeof requestSchema>;

/** @throws `ValidationError` with every mistake at once in `issues`. */
export function checkEraseRequest(request: EraseRequest): CheckedEraseRequest {
  return checkRequest(requestSchema, request, "erasure request");
}

/** Erases a customer, one tenant of the company after the other. May be repeated after a failure. */
export async function eraseCustomer(
  options: EraseOptions,
  { companyId, customerId, environment, suppress, signal }: CheckedEraseRequest,
): Promise<ErasureResult> {
  const { storage } = options;
  const tenants = (await tenantsOf(storage, companyId)).filter(
    ({ scope }) => environment === undefined || scope.environment === environment,
  );
  const hasher =
    suppress && tenants.length > 0
      ? await provideHasher({ store: storage, encryptor: options.encryptor }, companyId)
      : null;
  const total = { entities: 0, records: 0, rejections: 0 };
  const remaining: RemainingRecord[] = [];
  for (const tenant of tenants) {
    const erasure = createErasure(
      options,
      tenant,
      { customerId, hasher },
      signal ?? new AbortController().signal,
    );
    const counts = await storage.eraseCustomer({ scope: tenant.scope, decide: erasure.decide });
    await erasure.sendStored();
    const left = erasure.remaining();
    remaining.push(...left.records);
    total.entities += counts.entities;
    total.records += left.removed;
    total.rejections += counts.rejections;
  }
  return { ...total, remaining, suppressed: hasher !== null };
}

/** Those that have or had a run, and those of credentials that were never synced. */
async function tenantsOf(
  storage: Pick<Storage, "listTenants"> & Pick<CredentialStore, "listCredentials">,
  companyId: string,
): Promise<readonly KnownTenant[]> {
  const known = await storage.listTenants(companyId);
  // A company has one credential for each environment.
  const { items } = await storage.listCredentials({ companyId }, { limit: 10 });
  const others = items.filter(
    ({ environment, tenantId }) =>
      !known.some(({ scope }) => scope.environment === environment && scope.tenantId === tenantId),
  );
  return [
    ...known,
    ...others.map(({ id, environment, tenantId }) => ({
      scope: { companyId, environment, tenantId },
      credentialId: id,
    })),
  ];
}

interface Whom {
  readonly customerId: string;
  /** `null` when the customer is not to be suppressed. */
  readonly hasher: RowHasher | null;
}

/** How removals reach the sink: inside the erasing transaction if it is shared, otherwise stored first. */
function createErasure(
  { catalog, storage, sink, writer, batchSize, newId }: EraseOptions,
  tenant: KnownTenant,
  { customerId, hasher }: Whom,
  signal: AbortSignal,
) {
  let decided: Pick<Erasure, "removals"> & { readonly kept: readonly RecordKey[] } = {
    removals: [],
    kept: [],
  };
  const refused = new Map<string, RecordKey & { readonly reason: string }>();
  let refusedInTransaction: typeof refused = new Map();
  const recordRefused = (list: typeof refused, { record }: RecordBatch, answer: SinkAnswer): void => {
    for (const { key, reason } of answer.rejected) list.set(`${record} ${key}`, { record, key, reason });
  };
  const { plans } = catalog;
  const removesAll = sink.supportsRemoval !== false && sink.keepsHistory !== true;

  return {
    async decide(transaction: unknown, reader: ErasureReader, attempt: Attempt): Promise<Erasure> {
      // The transaction may be a retry.
      refusedInTransaction = new Map();
      const owned = await findOwned(ownershipIn(catalog.feeds), reader, customerId);
      const { kept, ...withdrawn } = await withdrawAll(plans, reader, owned);
      decided = { removals: withdrawn.removals, kept };
      const contents = plans.flatMap((plan) =>
        removalBatches(tenant, plan, withdrawn.removals, { batchSize, newId }),
      );
      const isShared = sharesTransactions(storage, sink);
      if (isShared) {
        for (const { batch } of contents) {
          const answer = await writer.writeIn(transaction, attempt, batch, signal);
          recordRefused(refusedInTransaction, batch, answer);
        }
      }
      return {
        ...withdrawn,
        entities: new Map([...owned.entities].map(([feed, ids]) => [feed, inOrder(ids)])),
        rejections: [...owned.rejections, ...refusedAmong(withdrawn.requeued, owned)],
        emptied: owned.unattributable,
        batches: [...withdrawn.batches, ...(isShared ? [] : contents.map(toStoredBatch))],
        suppress: hasher === null ? null : suppressionOf(hasher, customerId, owned),
      };
    },

    /** Including those that an earlier erasure could not send. */
    async sendStored(): Promise<void> {
      for (const stored of await storage.listStagedBatches(tenant.scope)) {
        const content = parseContent(stored);
        if (!content.isErasure) continue;
        recordRefused(refused, content.batch, await writer.write(content.batch, signal));
        await storage.acknowledgeBatch({ scope: tenant.scope, batchId: stored.id });
        if (!removesAll) recordKept(content.batch);
      }
    },

    remaining(): { readonly records: readonly RemainingRecord[]; readonly removed: number } {
      const { environment, tenantId } = tenant.scope;
      const place = { environment, tenantId };
      const left = new Map<string, RemainingRecord>();
      if (!removesAll) {
        for (const { record, key } of decided.kept)
          left.set(`${record} ${key}`, { ...place, record, key, why: "kept", reason: null });
      }
      for (const [name, item] of [...refusedInTransaction, ...refused])
        left.set(name, { ...place, ...item, why: "refused" });
      const removed = decided.removals.filter(({ record, id }) => !left.has(`${record} ${id}`)).length;
      return { records: [...left.values()], removed };
    },
  };

  /** A batch of an earlier erasure: this one no longer knows its records. */
  function recordKept({ record, items }: RecordBatch): void {
    const keys = new Set(decided.kept.filter((one) => one.record === record).map(({ key }) => key));
    const others = items.filter(({ key }) => !keys.has(key)).map(({ key }) => ({ record, key }));
    decided = { ...decided, kept: [...decided.kept, ...others] };
  }
}

/** A record of any type. */
interface RecordKey {
  readonly record: RecordType;
  readonly key: string;
}

/** The removals for records of all types, and which records the sink ever had. */
async function withdrawAll(
  plans: readonly RecordPlan[],
  reader: ErasureReader,
  owned: OwnedData,
): Promise<Pick<Erasure, "removals" | "batches" | "requeued"> & { readonly kept: readonly RecordKey[] }> {
  const stored = await reader.listStagedBatches();
  const minRevision = await reader.minRevision();
  const removals: Erasure["removals"][number][] = [];
  const batches: Erasure["batches"][number][] = [];
  const requeued: Erasure["requeued"][number][] = [];
  const kept: RecordKey[] = [];
  for (const plan of plans) {
    const { record, driver } = plan;
    const { own, others } = await affectedRecords(reader, plan, owned);
    const ids = new Set([...own, ...others]);
    const delivered = await reader.findDeliveredRecords({ record, ids: inOrder(ids) });
    const { customers } = owned;
    const found = withdrawRecords({
      record,
      driver: plan.definition.driver,
      customers,
      ids,
      delivered,
      minRevision,
      batches: stored,
    });
    removals.push(...found.removals);
    batches.push(...found.batches);
    const again = [...others, ...found.named].filter((id) => !own.has(id));
    requeued.push(...inOrder(new Set(again)).map((id) => ({ record, feed: driver, id })));
    const had = [...found.removals, ...delivered].map(({ id }) => id);
    kept.push(...inOrder(new Set(had)).map((key) => ({ record, key })));
  }
  return { removals, batches, requeued: requeued, kept };
}

/** Rejections of records that are derived again: they may contain data of the customer. */
function refusedAmong(requeued: Erasure["requeued"], { refusedOfOthers }: OwnedData): readonly string[] {
  const again = new Set(requeued.map(({ feed, id }) => `${feed} ${id}`));
  return refusedOfOthers.filter(({ feed, entityId }) => again.has(`${feed} ${entityId}`)).map(({ id }) => id);
}

/** The customer's rows name one of these customers; rows that name none are known by their own ids. */
function suppressionOf(
  { hash }: RowHasher,
  customerId: string,
  { customers, unnamed }: OwnedData,
): NonNullable<Erasure["suppress"]> {
  return {
    customer: hash("customers", customerId),
    rows: [
      ...[...customers].map((id) => hash("customers", id)),
      ...unnamed.map(({ feed, id }) => hash(feed, id)),
    ],
  };
}

function inOrder(ids: ReadonlySet<string>): readonly string[] {
  return [...ids].sort(compareIds);
}

function removalBatches(
  { scope, credentialId }: KnownTenant,
  { record, driver }: RecordPlan,
  removals: Erasure["removals"],
  { batchSize, newId }: Pick<EraseOptions, "batchSize" | "newId">,
): readonly BatchContent[] {
  const own = removals.filter((removal) => removal.record === record);
  const contents: BatchContent[] = [];
  for (let start = 0; start < own.length; start += batchSize) {
    const part = own.slice(start, start + batchSize);
    const id = newId();
    contents.push({
      batch: {
        id,
        runId: id,
        credentialId,
        scope,
        record,
        items: part.map((removal) => ({ op: "remove", key: removal.id, revision: removal.revision })),
      },
      feed: driver,
      // Sequences begin at 1: a key that is queued again meanwhile remains queued when a later run settles this one.
      settled: part.map(({ id: key, revision }) => ({ id: key, sequence: 0, outcome: "removed", revision })),
      warned: 0,
      isErasure: true,
    });
  }
  return contents;
}
