import { createSimulator, type Simulator, type SimulatorOptions } from "@titan-sync/simulator";
import { createOpenLimiter } from "../../__fixtures__/open-limiter.js";
import { type ByteBudget, createByteBudget } from "../../async/byte-budget.js";
import { Secret } from "../../crypto/secret.js";
import { type ApiClient, createApiClient } from "../../http/api-client.js";
import type { RetryOptions } from "../../http/policy.js";
import type { RunEvent } from "../../ledger/run-event.js";
import { createRunTally } from "../../ledger/run-tally.js";
import { memoryStorage } from "../../memory/memory-storage.js";
import type { FeedCursor } from "../../ports/feed-cursor.js";
import { silentLogger } from "../../ports/logger.js";
import type { Storage } from "../../ports/storage.js";
import type { RunRequest, RunWarning, SyncRange } from "../../ports/sync-run.js";
import type { TenantScope } from "../../ports/tenant.js";
import { createDriftCheck } from "../../quality/drift-check.js";
import { noCustomColumns } from "../../records/custom-columns.js";
import { feeds, type KnownFeedName, shippedCatalog } from "../../records/definitions/definitions.js";
import { noSuppressedRows } from "../../suppressions/suppressed-rows.js";
import { type LandingContext, landFeed, type ReadingTools } from "../../sync/read/land-feed.js";
import { openRun } from "../../testing/storage/open-run.js";
import { defaultReadingSizes } from "../reading-sizes.js";
import { createPassingClock, type PassingClock } from "./passing-clock.js";

export interface ReadingWorldOptions {
  /** How far the `Date` of the answers is ahead of the clock. @defaultValue 0 */
  readonly dateAheadMs?: number | undefined;
  readonly simulator: Omit<SimulatorOptions, "now" | "rateLimitPerSecond">;
  readonly tools?: Partial<ReadingTools>;
  readonly retry?: Partial<RetryOptions>;
}

/** One reading of one feed. */
export interface ReadingRequest {
  readonly feed: KnownFeedName;
  readonly range?: SyncRange | undefined;
  readonly full?: boolean | undefined;
  readonly fresh?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The engine's readers between a simulated ServiceTitan and a storage in memory, without anything behind. */
export interface ReadingWorld {
  readonly simulator: Simulator;
  readonly storage: Storage;
  readonly clock: PassingClock;
  readonly client: ApiClient;
  readonly budget: ByteBudget;
  readonly tenantId: string;
  readonly scope: TenantScope;
  readonly events: readonly RunEvent[];
  readonly warnings: readonly RunWarning[];
  /** Called before each request. */
  beforeRequest: () => void;
  /** Reads a feed by its own run, and counts what it read. */
  read(request: ReadingRequest): Promise<{ readonly read: number; readonly landed: number }>;
  cursor(feed: KnownFeedName): Promise<FeedCursor | null>;
  /** Landed rows that are not marked removed, by id. */
  landed(feed: KnownFeedName, ids: Iterable<number>): Promise<ReadonlyMap<number, unknown>>;
}

export function createReadingWorld(options: ReadingWorldOptions): ReadingWorld {
  const clock = createPassingClock();
  const simulator = createSimulator({
    rateLimitPerSecond: null,
    ...options.simulator,
    now: () => clock.now(),
  });
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");
  const { tenantId } = tenant;
  const storage = memoryStorage({ clock });
  const scope: TenantScope = { companyId: "company", environment: "production", tenantId };
  const events: RunEvent[] = [];
  const warnings: RunWarning[] = [];
  const budget = options.tools?.budget ?? createByteBudget(64 * 1024 * 1024);
  const tools: ReadingTools = {
    budget,
    drift: createDriftCheck(),
    sizes: defaultReadingSizes,
    suppressed: noSuppressedRows,
    parallelBackfill: false,
    ...options.tools,
  };
  const client = createApiClient({
    apiUrl: "https://api.example.com",
    appKey: new Secret(tenant.appKey),
    tokens: tokensOf(simulator),
    limiter: createOpenLimiter(clock),
    clock,
    random: () => 0.5,
    logger: silentLogger,
    retry: options.retry,
    fetch: async (input, init) => {
      world.beforeRequest();
      return misdated(await simulator.handle(new Request(input, init)), options.dateAheadMs ?? 0);
    },
  });
  let runs = 0;

  const world: ReadingWorld = {
    simulator,
    storage,
    clock,
    client,
    budget,
    tenantId,
    scope,
    events,
    warnings,
    beforeRequest: () => undefined,
    async read({ feed, range, full = false, fresh = false, signal = new AbortController().signal }) {
      runs += 1;
      const request: RunRequest = {
        data: "both",
        mode: full ? "full" : "incremental",
        fresh,
        rederive: false,
        range: range ?? null,
        allowRemovals: true,
      };
      // The clock jumps: no lease may expire because of that.
      const leaseMs = Number.MAX_SAFE_INTEGER / 2;
      const begun = await openRun(storage, { scope, request, runId: `run-${runs}`, leaseMs });
      const figures = createRunTally(begun.run);
      const context: LandingContext = {
        storage,
        client,
        clock,
        lease: begun.lease,
        ownedSince: begun.run.updatedAt,
        catalog: shippedCatalog,
        company: { columns: noCustomColumns },
        scope,
        request,
        signal,
        figures,
        emit: (event) => events.push(event),
        warn: (warning) => warnings.push(warning),
        movedOn: () => undefined,
      };
      const cursor = (await storage.findCursors(scope)).get(feed) ?? null;
      const reading = {
        feed: feeds[feed],
        cursor,
        touches: [],
        range: range ?? null,
        isAgain: false,
        used: [],
      };
      try {
        await landFeed(context, reading, tools);
        if (full)
          await storage.sweepFeed({
            lease: begun.lease,
            scope,
            feed,
            touches: [],
            maxShare: 1,
            spareAfter: null,
          });
        return figures.feed(feed);
      } finally {
        await storage.endRun({ lease: begun.lease, status: "completed", warnings: [], error: null });
      }
    },
    async cursor(feed) {
      return (await storage.findCursors(scope)).get(feed) ?? null;
    },
    async landed(feed, ids) {
      const rows = await storage.findEntities({ scope, feed, ids: [...ids].map(String) });
      return new Map(
        rows.filter((row) => !row.removed).map((row) => [Number(row.id), JSON.parse(row.payload) as unknown]),
      );
    },
  };
  return world;
}

/** Like a proxy with its own clock. */
function misdated(answer: Response, aheadMs: number): Response {
  const date = answer.headers.get("date");
  if (aheadMs === 0 || date === null) return answer;
  const headers = new Headers(answer.headers);
  headers.set("date", new Date(Date.parse(date) + aheadMs).toUTCString());
  return new Response(answer.body, { status: answer.status, headers });
}

/** Tokens directly from the simulator: token failures are tested elsewhere. */
function tokensOf(simulator: Simulator) {
  const [tenant] = simulator.tenants;
  let current: Promise<string> | null = null;
  async function ask(): Promise<string> {
    const body = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: tenant?.clientId ?? "",
      client_secret: tenant?.clientSecret ?? "",
    });
    const request = new Request("https://auth.example.com/connect/token", { method: "POST", body });
    const answer = (await (await simulator.handle(request)).json()) as { readonly access_token: string };
    return answer.access_token;
  }
  return {
    token: () => {
      current ??= ask();
      return current;
    },
    refuse: async () => {
      current = null;
    },
  };
}
