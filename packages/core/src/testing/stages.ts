import { createByteBudget } from "../async/byte-budget.js";
import { readAhead } from "../async/read-ahead.js";
import { systemClock } from "../async/system-clock.js";
import { checkCompany } from "../companies/company-profile.js";
import { Secret } from "../crypto/secret.js";
import { unreadCursor } from "../extract/feed-page.js";
import { followFeed } from "../extract/follow-feed.js";
import { createPageSource } from "../extract/page-source.js";
import { defaultReadingSizes } from "../extract/reading-sizes.js";
import { createApiClient } from "../http/api-client.js";
import type { RateLimiter } from "../http/rate-limiter.js";
import type { CompanyDetails } from "../ports/company-directory.js";
import { silentLogger } from "../ports/logger.js";
import type { Storage } from "../ports/storage.js";
import type { TenantScope } from "../ports/tenant.js";
import { createDriftCheck } from "../quality/drift-check.js";
import { surveyFields } from "../quality/field-survey.js";
import { checkRows } from "../quality/structure-check.js";
import { noCustomColumns } from "../records/custom-columns.js";
import { unrelatedIn } from "../records/definitions/define-join.js";
import { feeds, type KnownFeedName, shippedCatalog } from "../records/definitions/definitions.js";
import { invoiceJoin, type JoinedInvoice } from "../records/definitions/invoice.js";
import { joinEntities } from "../records/definitions/join-entities.js";
import type { RecordPlan } from "../records/definitions/record-plan.js";
import type { MapContext } from "../records/map-context.js";
import { mapInvoice } from "../records/map-invoice.js";
import { usedFieldsOf } from "../records/used-fields.js";

// Single stages of a sync, only for benchmarks: they change with the engine.

export interface ReadStageOptions {
  /** Without a trailing slash. */
  readonly apiUrl: string;
  readonly tenantId: string;
  readonly appKey: string;
  readonly token: string;
  readonly feeds: readonly KnownFeedName[];
  /** Rows in a page of a list endpoint; `null` reads only the export endpoints. */
  readonly parallelPageSize: number | null;
}

/**
 * Reads feeds from their beginning, in parallel, as a first sync does: reads pages ahead, parses them, compares them
 * with the documented fields and checks the structure of their rows. Uses no rate limit and no storage.
 *
 * @returns the number of valid rows.
 */
export async function runReadStage(options: ReadStageOptions): Promise<number> {
  const { apiUrl, tenantId, appKey, token, parallelPageSize } = options;
  const client = createApiClient({
    apiUrl,
    appKey: new Secret(appKey),
    tokens: { token: async () => token, refuse: async () => undefined },
    limiter: unlimited,
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
  });
  const budget = createByteBudget(64 * 1024 * 1024);
  const drift = createDriftCheck();
  const backfill = parallelPageSize === null ? null : { ...defaultReadingSizes, pageSize: parallelPageSize };

  async function read(name: KnownFeedName): Promise<number> {
    const feed = feeds[name];
    const used = usedFieldsOf(shippedCatalog, name, noCustomColumns);
    const pages = createPageSource({ client, budget, clock: systemClock });
    const reader = followFeed({
      pages,
      feed,
      tenantId,
      cursor: unreadCursor,
      fullPassOf: null,
      recentChanges: false,
      backfill,
      clock: systemClock,
      signal: new AbortController().signal,
      warn: () => undefined,
    });
    let sound = 0;
    try {
      for await (const page of readAhead(reader)) {
        drift.see(name, surveyFields(feed, page.rows, used));
        sound += checkRows(feed, page.rows).sound.length;
        page.release();
      }
    } finally {
      pages.close();
    }
    return sound;
  }

  const counts = await Promise.all(options.feeds.map(read));
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * Reads landed entities, in batches and for both record types in parallel, joins and maps them: the least that deriving
 * has to do. Queues, claims, compares and delivers nothing.
 *
 * @returns the number of derived records.
 */
export async function runDeriveStage(options: {
  readonly storage: Pick<Storage, "findEntities" | "findEntitiesByLink" | "listEntityIds">;
  readonly scope: TenantScope;
  readonly company: CompanyDetails;
  readonly batchSize: number;
}): Promise<number> {
  const { storage, scope, company, batchSize } = options;
  const context = mappingOf(company);
  let records = 0;

  async function derive({ driver: feed, definition }: RecordPlan): Promise<void> {
    let ids: readonly string[];
    let after: string | null = null;
    do {
      ids = (await storage.listEntityIds({ scope, feed, after, limit: batchSize })).map(({ id }) => id);
      for (const { joined, texts } of (await joinEntities(storage, scope, definition, ids)).values()) {
        if (definition.map(joined as never, context, texts).kind === "record") records += 1;
      }
      after = ids.at(-1) ?? null;
    } while (ids.length === batchSize);
  }

  await Promise.all(shippedCatalog.plans.map(derive));
  return records;
}

/** An invoice joined with its related rows, as the API sent them. A relation that is left out has no rows. */
export type UncheckedInvoice = { readonly invoice: unknown } & {
  readonly [Part in keyof JoinedInvoice]?: unknown;
};

/**
 * Checks the structure of invoices, maps them and applies every rule, as if all related feeds had been read to their
 * end.
 *
 * @returns the number of derived records.
 */
export function runInvoiceStage(invoices: readonly UncheckedInvoice[], company: CompanyDetails): number {
  const rows = invoices.map(({ invoice }) => ({ text: "", value: invoice }));
  checkRows(feeds.invoices, rows);
  const context = mappingOf(company);
  let records = 0;
  const unrelated = unrelatedIn(invoiceJoin);
  for (const joined of invoices) {
    if (mapInvoice({ ...unrelated, ...joined } as JoinedInvoice, context).kind === "record") records += 1;
  }
  return records;
}

/** A context in which all related feeds have been read to their end. */
function mappingOf(company: CompanyDetails): MapContext {
  return {
    company: checkCompany(shippedCatalog, "company", company),
    version: String(Math.floor(systemClock.now() / 1000)),
    drained: new Set(shippedCatalog.feeds.keys()),
  };
}

const unlimited: RateLimiter = {
  acquire: async () => undefined,
  pauseUntil: () => undefined,
  setRate: () => undefined,
  status: () => ({
    ratePerSecond: 0,
    fullRatePerSecond: 0,
    used: 0,
    remaining: 0,
    queued: 0,
    waitingMs: 0,
    pausedUntil: null,
    last429At: null,
    lastMinute: 0,
    lastHour: 0,
  }),
};
