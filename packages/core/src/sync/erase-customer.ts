import { z } from "zod";
import { ValidationError } from "../errors.js";
import type { KnownTenant, RejectedRow, Withdrawal } from "../ports/erasure-store.js";
import type { RecordBatch, RecordSinkObject, SinkAnswer } from "../ports/record-sink.js";
import type { Storage } from "../ports/storage.js";
import type { Environment, TenantScope } from "../ports/tenant.js";
import type { RecordType } from "../records/record.js";
import { type BatchContent, parseContent, toStoredBatch } from "./batch-content.js";
import type { BatchWriter } from "./batch-writer.js";
import { customerLinks, isRowOf } from "./customer-links.js";
import { plansFor, type RecordPlan } from "./record-plan.js";
import { sharesTransactions } from "./shares-transactions.js";
import { withdrawRecords } from "./withdraw-records.js";

/** Whose data is to be erased. */
export interface EraseRequest {
  readonly companyId: string;
  /** ServiceTitan's id of the customer: digits. */
  readonly customerId: string;
  /** Only in this environment. @defaultValue both */
  readonly environment?: Environment | undefined;
  /** Who asks, for the audit log. @defaultValue "system" */
  readonly actor?: string | undefined;
  /** The request that it came with, for the audit log. */
  readonly requestId?: string | undefined;
  /** Stops waiting for the sink. */
  readonly signal?: AbortSignal | undefined;
}

/** What was erased. All zero for a customer that is not known here. */
export interface ErasureResult {
  /** ServiceTitan rows as they were landed: the customer's own and those that belong to it. */
  readonly entities: number;
  /** Members and invoices whose removal went to the sink. */
  readonly records: number;
  /** Rejected rows, with their payloads. */
  readonly rejections: number;
  /** Removals that the sink refused: it still has these records. */
  readonly refused: readonly { readonly record: RecordType; readonly key: string; readonly reason: string }[];
}

export interface EraseOptions {
  readonly storage: Storage;
  readonly sink: RecordSinkObject;
  readonly writer: BatchWriter;
  readonly batchSize: number;
  readonly newId: () => string;
}

const requestSchema = z.strictObject({
  companyId: z.string().min(1),
  customerId: z.string().regex(/^\d{1,19}$/, "expected digits"),
  environment: z.enum(["integration", "production"]).optional(),
  actor: z.string().min(1).default("system"),
  requestId: z.string().optional(),
  signal: z.instanceof(AbortSignal).optional(),
});

export type CheckedEraseRequest = z.infer<typeof requestSchema>;

/** @throws {@link ValidationError} with every mistake at once in `issues`. */
export function checkEraseRequest(request: EraseRequest): CheckedEraseRequest {
  const parsed = requestSchema.safeParse(request);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join(".") || "request"}: ${issue.message}`);
  throw new ValidationError(`The erasure is not acceptable: ${issues.join("; ")}.`, issues);
}

const plans = plansFor("both");

/** Erases a customer, one tenant of the company after the other. May be repeated after a failure. */
export async function eraseCustomer(
  options: EraseOptions,
  { companyId, customerId, environment, signal }: CheckedEraseRequest,
): Promise<ErasureResult> {
  const { storage } = options;
  const tenants = (await storage.tenantsOf(companyId)).filter(
    ({ scope }) => environment === undefined || scope.environment === environment,
  );
  const total = { entities: 0, records: 0, rejections: 0 };
  const refused: ErasureResult["refused"][number][] = [];
  for (const tenant of tenants) {
    const erasure = createErasure(options, tenant, signal ?? new AbortController().signal);
    const counts = await storage.eraseCustomer({
      scope: tenant.scope,
      customerId,
      links: customerLinks,
      drivers: plans.map(({ record, driver }) => ({ record, feed: driver })),
      rejected: await rejectedRowsOf(storage, tenant.scope, customerId),
      withdraw: erasure.withdraw,
    });
    await erasure.sendStored();
    refused.push(...erasure.refused());
    total.entities += counts.entities;
    total.records += counts.records;
    total.rejections += counts.rejections;
  }
  return { ...total, refused };
}

/** How removals reach the sink: inside the erasing transaction where that is shared, else stored first. */
function createErasure(
  { storage, sink, writer, batchSize, newId }: EraseOptions,
  tenant: KnownTenant,
  signal: AbortSignal,
) {
  const refused: ErasureResult["refused"][number][] = [];
  let refusedInTransaction: typeof refused = [];
  const noteRefused = (list: typeof refused, { record }: RecordBatch, answer: SinkAnswer) =>
    list.push(...answer.rejected.map((item) => ({ record, ...item })));

  return {
    async withdraw(transaction: unknown, found: Parameters<typeof withdrawRecords>[0]): Promise<Withdrawal> {
      // The transaction may be a repeated one.
      refusedInTransaction = [];
      const { removals, batches } = withdrawRecords(found, plans);
      const contents = plans.flatMap((plan) => removalBatches(tenant, plan, removals, { batchSize, newId }));
      if (!sharesTransactions(storage, sink)) {
        return { removals, batches: [...batches, ...contents.map(toStoredBatch)] };
      }
      for (const { batch } of contents) {
        const answer = await writer.writeIn(transaction, null, batch, signal);
        noteRefused(refusedInTransaction, batch, answer);
      }
      return { removals, batches };
    },

    /** Also those that an earlier erasure could not send. */
    async sendStored(): Promise<void> {
      for (const stored of await storage.storedBatches(tenant.scope)) {
        const content = parseContent(stored);
        if (!content.isErasure) continue;
        noteRefused(refused, content.batch, await writer.write(content.batch, signal));
        await storage.acknowledgeBatch({ scope: tenant.scope, batchId: stored.id });
      }
    },

    refused: () => [...refusedInTransaction, ...refused],
  };
}

function removalBatches(
  { scope, credentialId }: KnownTenant,
  { record, driver }: RecordPlan,
  removals: Withdrawal["removals"],
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
      // Sequences begin at 1: what is listed again meanwhile stays listed when a later run settles this.
      settled: part.map(({ id: key, revision }) => ({ id: key, sequence: 0, outcome: "removed", revision })),
      warned: 0,
      isErasure: true,
    });
  }
  return contents;
}

/** Rows of the customer that never landed, so that no link leads to them. */
async function rejectedRowsOf(
  storage: Storage,
  scope: TenantScope,
  customerId: string,
): Promise<readonly RejectedRow[]> {
  const { companyId, environment, tenantId } = scope;
  const rows: RejectedRow[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: Awaited<ReturnType<Storage["listRejections"]>> = await storage.listRejections(
      { companyId, stage: "structure" },
      { limit: 500, cursor },
    );
    for (const { scope: own, feed, entityId, payload } of page.items) {
      if (own.environment !== environment || own.tenantId !== tenantId) continue;
      if (isRowOf({ feed, entityId, payload }, customerId)) rows.push({ feed, entityId });
    }
    cursor = page.next;
  }
  return rows;
}
