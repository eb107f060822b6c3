import { randomUUID } from "node:crypto";
import { createByteBudget } from "../../async/byte-budget.js";
import { systemClock } from "../../async/system-clock.js";
import { unreadCursor } from "../../extract/feed-page.js";
import type { EntityId } from "../../feeds/entity-id.js";
import type { FeedName } from "../../feeds/feed.js";
import { createRunTally } from "../../ledger/run-tally.js";
import { createThroughputMeter } from "../../ledger/throughput.js";
import { memorySink } from "../../memory/memory-sink.js";
import { memoryStorage } from "../../memory/memory-storage.js";
import type { NewEntity } from "../../ports/landing-store.js";
import { silentLogger } from "../../ports/logger.js";
import type { RecordSinkObject } from "../../ports/record-sink.js";
import { someContext } from "../../records/__fixtures__/entities.js";
import { feeds, shippedCatalog } from "../../records/definitions/definitions.js";
import { noSuppressedRows } from "../../suppressions/suppressed-rows.js";
import { createTenant } from "../../testing/storage/tenant-under-test.js";
import type { RunContext } from "../run/run-context.js";
import { createBatchWriter } from "../sink/batch-writer.js";

/** Landed rows by feed. */
export type Landed = Readonly<Record<FeedName, readonly NewEntity[]>>;

/** A row as it would be landed. */
export function landedRow(
  row: { readonly id: EntityId },
  links: Readonly<Record<string, number>> = {},
): NewEntity {
  const payload = JSON.stringify(row);
  return {
    id: String(row.id),
    payload,
    contentHash: payload,
    usedHash: payload,
    modifiedOn: null,
    links: Object.fromEntries(Object.entries(links).map(([name, id]) => [name, String(id)])),
  };
}

/** A run that has landed all its rows and is about to derive, on the storage in memory. */
export async function createDeriveWorld(
  landed: Landed,
  options: {
    readonly maxBytes: number;
    readonly batchSize: number;
    readonly sink?: (own: RecordSinkObject) => RecordSinkObject;
  },
) {
  const storage = memoryStorage();
  const tenant = await createTenant(storage);
  const { run, lease, land } = await tenant.begin();
  for (const feed of Object.keys(feeds)) {
    const ascending = [...(landed[feed] ?? [])].sort((left, right) => Number(left.id) - Number(right.id));
    await land({ feed, entities: ascending, cursor: { ...unreadCursor, drainedAt: "2026-03-01T10:00:00Z" } });
  }
  const budget = createByteBudget(options.maxBytes);
  const sink = memorySink();
  const stop = new AbortController();
  let peak = 0;
  const target = options.sink?.(sink) ?? sink;
  const context: RunContext = {
    catalog: shippedCatalog,
    storage,
    sink: target,
    writer: createBatchWriter({
      sink: target,
      clock: systemClock,
      logger: silentLogger,
      random: () => 0.5,
      backoff: { firstDelayMs: 1, maxDelayMs: 1, jitter: 0 },
      sinkTimeoutMs: 60_000,
      leaseMs: 60_000,
      newId: randomUUID,
    }),
    // Deriving sends no requests to the API.
    client: {
      get: () => Promise.reject(new Error("no request")),
      figures: () => ({ requests: 0 }),
    } as never,
    clock: { now: Date.now, sleep: () => Promise.resolve() },
    logger: silentLogger,
    lease,
    scope: tenant.scope,
    request: run.request,
    company: someContext().company,
    version: "1733000000",
    startedAt: run.startedAt,
    ownedSince: run.updatedAt,
    movedOn: () => undefined,
    batchSize: options.batchSize,
    parallelBackfill: false,
    signal: stop.signal,
    suppressed: async () => noSuppressedRows,
    budget: {
      ...budget,
      async reserve(bytes, signal) {
        const reservation = await budget.reserve(bytes, signal);
        const note = (): void => {
          peak = Math.max(peak, budget.inFlight());
        };
        note();
        return {
          release: reservation.release,
          resize(size) {
            reservation.resize(size);
            note();
          },
        };
      },
    },
    figures: createRunTally(run),
    throughput: createThroughputMeter({ now: Date.now, sleep: () => Promise.resolve() }, run),
    emit: () => undefined,
    warn: () => undefined,
  };
  return { context, sink, budget, stop, peak: () => peak };
}
