import fc from "fast-check";
import { expect } from "vitest";
import { generateEncryptionKey } from "../../crypto/generate-key.js";
import { staticKeys } from "../../crypto/static-keys.js";
import { memoryStorage } from "../../memory/memory-storage.js";
import { createTitanSync } from "../../titan-sync.js";
import type { RunResult } from "../run-handle.js";
import type { SyncRequest } from "../sync-request.js";

const hourMs = 60 * 60 * 1000;
const nothingKept = {
  runsOlderThanMs: 0,
  idleRunsOlderThanMs: 0,
  pausesOlderThanMs: 0,
  rejectionsOlderThanMs: 0,
  auditOlderThanMs: 0,
  startsOlderThanMs: 0,
};
/** ServiceTitan's value for a missing time: as old as none. */
const zero = "0001-01-01T00:00:00Z";
/** The time after which a run pauses: the clock reaches it once this many requests were made. */
const pauseMark = 7_777_777;
const ids = [1, 2, 3, 4, 5, 6, 7, 8] as const;

type Time = "newer" | "equal" | "older" | "null" | "zero";

type Step =
  | { readonly kind: "put"; readonly id: number; readonly time: Time }
  | { readonly kind: "delete"; readonly id: number }
  | { readonly kind: "wait"; readonly minutes: number }
  /** Of everything that may be deleted, however recent. */
  | { readonly kind: "prune" }
  | { readonly kind: "sync"; readonly fresh: boolean }
  | { readonly kind: "range" }
  /** Slices of this many requests each, and the changes between them. */
  | { readonly kind: "full"; readonly requests: readonly number[]; readonly between: readonly Step[] };

const id = fc.constantFrom(...ids);
const change: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("put" as const),
      id,
      time: fc.constantFrom<Time>("newer", "equal", "older", "null", "zero"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete" as const), id }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: "prune" }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), minutes: fc.integer({ min: 0, max: 90 }) }),
  },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: change },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("sync" as const), fresh: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: "range" }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("full" as const),
      requests: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 4 }),
      between: fc.array(change, { maxLength: 3 }),
    }),
  },
);

/**
 * Random histories of a few customers whose time continues, back, away and to year 1, who vanish and return, read by
 * runs of every kind, in slices, while retention deletes all that it may. Without a full pass no row ever
 * gives way
 * to an older one. After an undisturbed full pass what is landed is what the API has.
 */
export async function checkHealing({ seed, runs }: { seed: number; runs: number }): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), fc.integer({ min: 1, max: 6 }), play),
    { seed, numRuns: runs },
  );
}

async function play(steps: readonly Step[], pageSize: number): Promise<void> {
  const world = await createWorld(pageSize);
  for (const each of steps) {
    if (each.kind === "sync" || each.kind === "range") await incremental(world, each);
    else if (each.kind === "full") await full(world, each);
    else await world.apply(each);
  }
  // Long enough after the last landing for everything to be healed.
  await world.apply({ kind: "wait", minutes: 61 });
  expect(await world.sync({ mode: "full", allowRemovals: true })).toMatchObject({
    status: "completed",
    error: null,
  });
  expect(await world.landed()).toEqual(world.rows());
}

async function incremental(world: World, step: Extract<Step, { readonly kind: "sync" | "range" }>) {
  const before = await world.times();
  const request = step.kind === "range" ? { from: "2000-01-01" } : { fresh: step.fresh };
  expect(await world.sync(request)).toMatchObject({ status: "completed", error: null });
  for (const [landed, time] of await world.times()) {
    expect(time >= (before.get(landed) ?? ""), `${landed} went back`).toBe(true);
  }
}

async function full(world: World, { requests, between }: Extract<Step, { readonly kind: "full" }>) {
  const request = { mode: "full", allowRemovals: true } as const;
  for (const count of requests) {
    if ((await world.sync({ ...request, stopAfterMs: pauseMark }, count)).status !== "paused") return;
    for (const each of between) await world.apply(each);
  }
  expect(await world.sync(request)).toMatchObject({ status: "completed", error: null });
}

type World = Awaited<ReturnType<typeof createWorld>>;

/** Customers as ServiceTitan has them, and a copy of them in memory, by a clock that moves when it is asked to. */
async function createWorld(pageSize: number) {
  let now = Date.UTC(2026, 0, 1);
  let sequence = 0;
  let left = Number.POSITIVE_INFINITY;
  let pause: (() => void) | null = null;
  const customers = new Map<number, { readonly sequence: number; readonly row: Row }>();

  const clock = {
    now: () => now,
    /**
     * Waits for a slot or a retry end at once; heartbeats and deadlines, whole seconds, end with what they
     * wait for.
     */
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        if (ms % 1000 !== 0 && ms !== pauseMark) {
          now += ms;
          setImmediate(resolve);
        }
        if (ms === pauseMark) pause = resolve;
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      }),
  };

  function rowOf(customer: number, modifiedOn: string | null): Row {
    const address = {
      street: "1 Main St",
      unit: null,
      city: "Austin",
      state: "TX",
      zip: "78701",
      country: "USA",
    };
    sequence += 1;
    const name = `Ada Version${sequence}`;
    return { id: customer, active: true, name, type: "Residential", address, mergedToId: null, modifiedOn };
  }

  async function answer(url: URL): Promise<unknown> {
    if (url.pathname.endsWith("/connect/token"))
      return { access_token: "t", expires_in: 900, token_type: "Bearer" };
    left -= 1;
    if (left < 0) pause?.();
    const [, path = ""] = /\/tenant\/\d+\/(.*)$/.exec(url.pathname) ?? [];
    const held = path.endsWith("/customers") || path === "customers" ? [...customers.values()] : [];
    if (!path.startsWith("export/")) {
      const data = held.map(({ row }) => row).sort((one, other) => one.id - other.id);
      return { page: 1, pageSize: 1000, hasMore: false, totalCount: data.length, data };
    }
    const from = url.searchParams.get("from") ?? "0";
    const start = /^\d+$/.test(from) ? Number(from) : 0;
    const next = held
      .filter((each) => each.sequence > start)
      .sort((one, other) => one.sequence - other.sequence);
    const page = next.slice(0, pageSize);
    const continueFrom = String(page.at(-1)?.sequence ?? start);
    return { hasMore: next.length > page.length, continueFrom, data: page.map(({ row }) => row) };
  }

  const storage = memoryStorage({ clock });
  const titan = createTitanSync({
    storage,
    clock,
    keys: staticKeys(generateEncryptionKey()),
    sink: async () => ({ rejected: [] }),
    company: async () => ({ trade: "HVAC" }),
    fetch: async (input) =>
      Response.json(await answer(new URL(input instanceof Request ? input.url : input))),
    requestsPerSecond: 1000,
    retry: { firstDelayMs: 1, maxDelayMs: 2 },
    leaseMs: hourMs,
  });
  const scope = { companyId: "acme", tenantId: "1001", environment: "production" } as const;
  const { id: credentialId } = await titan.credentials.create({
    ...scope,
    clientId: "cid.abcdefghijklmnop",
    clientSecret: "cs1.abcdefghijklmnopqrstuvwxyz",
    appKey: "ak1.abcdefghijklmnop",
  });

  async function landedRows(): Promise<ReadonlyMap<number, Row>> {
    const found = await storage.findEntities({ scope, feed: "customers", ids: ids.map(String) });
    const present = found.filter((row) => !row.removed).map(({ payload }) => JSON.parse(payload) as Row);
    return new Map(present.sort((one, other) => one.id - other.id).map((row) => [row.id, row]));
  }

  return {
    async apply(step: Step): Promise<void> {
      if (step.kind === "prune") await titan.prune(nothingKept);
      if (step.kind === "wait") now += (step.minutes * hourMs) / 60;
      if (step.kind === "delete") customers.delete(step.id);
      if (step.kind !== "put") return;
      const before = customers.get(step.id)?.row.modifiedOn ?? null;
      const row = rowOf(step.id, timeOf(step.time, before, now, sequence));
      customers.set(step.id, { sequence, row });
    },
    async sync(request: Partial<SyncRequest>, requests = Number.POSITIVE_INFINITY): Promise<RunResult> {
      left = requests;
      const run = await titan.sync({ credentialId, data: "customers", ...request });
      return await run.result;
    },
    rows: () =>
      new Map(
        [...customers].sort(([one], [other]) => one - other).map(([customer, { row }]) => [customer, row]),
      ),
    landed: landedRows,
    /** When landed rows were modified; what was never modified is oldest. */
    times: async () =>
      new Map(
        [...(await landedRows())].map(([customer, row]) => [
          customer,
          row.modifiedOn === zero ? "" : (row.modifiedOn ?? ""),
        ]),
      ),
  };
}

interface Row {
  readonly id: number;
  readonly modifiedOn: string | null;
  readonly [field: string]: unknown;
}

function timeOf(time: Time, before: string | null, now: number, sequence: number): string | null {
  switch (time) {
    case "null":
      return null;
    case "zero":
      return zero;
    case "equal":
      return before;
    case "older":
      return new Date(now - 100 * hourMs + sequence).toISOString();
    case "newer":
      return new Date(now + sequence).toISOString();
  }
}
