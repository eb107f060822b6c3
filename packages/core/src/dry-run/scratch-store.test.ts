import { beforeEach, describe, expect, it } from "vitest";
import { memoryStorage } from "../memory/memory-storage.js";
import type { StartedRun } from "../ports/run-store.js";
import type { Storage } from "../ports/storage.js";
import { noCustomColumns } from "../records/custom-columns.js";
import { shippedCatalog } from "../records/definitions/definitions.js";
import { manualClock } from "../testing/manual-clock.js";
import { openRun } from "../testing/storage/open-run.js";
import { createScratchStore, type ScratchStore } from "./scratch-store.js";

const scope = { companyId: "acme", environment: "production", tenantId: "1" } as const;
const where = { scope, record: "member", feed: "customers" } as const;

const reading = new Set<string | symbol>([
  "listEntityIds",
  "findEntities",
  "findEntitiesByLink",
  "listPendingIds",
  "findCurrentRecords",
  "findDeliveredRecords",
  "findCursors",
  "listStagedBatches",
]);

/** The storage for somebody who may only look. */
function lookOnly(storage: Storage): Storage {
  return new Proxy(storage, {
    get(target, name) {
      if (!reading.has(name)) throw new Error(`A dry run must not use ${String(name)}.`);
      return Reflect.get(target, name);
    },
  });
}

const customer = (id: number, name = "Before") => ({
  id: String(id),
  payload: JSON.stringify({ id, name, modifiedOn: "2026-03-01T10:00:00Z" }),
  contentHash: `${id} ${name}`,
  usedHash: `${id} ${name}`,
  modifiedOn: "2026-03-01T10:00:00.0000000Z",
  links: {},
});

const begin = (store: Pick<Storage, "beginRun">, runId: string): Promise<StartedRun> =>
  openRun(store, { scope, runId, leaseMs: 60_000 });

describe("the scratch store of a dry run", () => {
  let real: Storage;
  let lease: StartedRun["lease"];
  let scratch: ScratchStore;

  const land = (
    store: Pick<Storage, "landRows">,
    owner: StartedRun["lease"],
    rows: ReturnType<typeof customer>[],
  ) =>
    store.landRows({
      lease: owner,
      scope,
      feed: "customers",
      source: "export",
      entities: rows,
      rejections: [],
      touches: [{ record: "member", feed: "customers", link: null }],
      repeated: 0,
      cursor: null,
      endsPage: true,
      markSeen: true,
      healsBefore: null,
    });

  const claimIds = async (limit = 100) =>
    (await scratch.claimKeys({ ...where, lease, after: null, limit, seenOnly: false })).map((key) => key.id);

  beforeEach(async () => {
    const clock = manualClock();
    real = memoryStorage({ clock });
    await real.createCredential({
      id: "credential",
      ...scope,
      clientId: "x",
      clientSecret: "x",
      appKey: "x",
      status: "connected",
    });
    const owner = await begin(real, "real run");
    await land(real, owner.lease, [customer(2), customer(9), customer(10)]);
    scratch = createScratchStore(shippedCatalog, lookOnly(real), clock, noCustomColumns);
    // The real run is alive: a dry run continues beside it.
    ({ lease } = await begin(scratch, "dry run"));
  });

  it("shows landed rows as the run has changed them, and writes nothing", async () => {
    await land(scratch, lease, [customer(9, "After"), customer(11, "New")]);
    const rows = await scratch.findEntities({ scope, feed: "customers", ids: ["2", "9", "11", "12"] });
    const names = rows.map((row) => (JSON.parse(row.payload) as { name: string }).name);
    expect(names.sort()).toEqual(["After", "Before", "New"]);
    const untouched = await real.findEntities({ scope, feed: "customers", ids: ["9", "11"] });
    expect(untouched.map((row) => row.payload)).toEqual([customer(9).payload]);
  });

  it("starts with the keys already queued, once, and claims them in order with its own", async () => {
    await land(scratch, lease, [customer(1)]);
    expect(await scratch.countPendingIds(where)).toBe(4);
    expect(await claimIds(3)).toEqual(["1", "2", "9"]);
    expect(await claimIds()).toEqual(["10"]);
    expect(await claimIds()).toEqual([]);
    expect(await real.countPendingIds(where)).toBe(3);
  });

  it("queues landed rows of both stores, a few at a time", async () => {
    await land(scratch, lease, [customer(3), customer(20)]);
    const enlist = (after: string | null) =>
      scratch.enqueueKeys({ ...where, lease, after, limit: 2, seenOnly: false });
    expect(await enlist(null)).toBe("3");
    expect(await enlist("3")).toBe("10");
    expect(await enlist("10")).toBe("20");
    expect(await enlist("20")).toBeNull();
  });

  it("sweeps what the dry run has not seen, and only in the scratch store", async () => {
    await land(scratch, lease, [customer(2), customer(9)]);
    const swept = await scratch.sweepFeed({
      lease,
      scope,
      feed: "customers",
      touches: [],
      maxShare: 1,
      spareAfter: null,
    });
    expect(swept).toEqual({ total: 3, absent: 1, removed: 1 });
    const removed = async (store: Pick<Storage, "findEntities">) =>
      (await store.findEntities({ scope, feed: "customers", ids: ["10"] })).map((row) => row.removed);
    expect([await removed(scratch), await removed(real)]).toEqual([[true], [false]]);
  });

  it("compares with what was delivered, and remembers what it would have delivered", async () => {
    const [key] = await scratch.claimKeys({ ...where, lease, after: null, limit: 1, seenOnly: false });
    if (key === undefined) throw new Error("Nothing was listed.");
    await scratch.settleKeys({
      ...where,
      lease,
      batchId: null,
      settlement: {
        items: [
          {
            ...key,
            outcome: "upserted",
            revision: 1,
            contentHash: "hash",
            record: '{"tenant":"acme"}',
          },
        ],
        figures: {
          derived: 1,
          delivered: 1,
          removed: 0,
          unchanged: 0,
          leftOut: 0,
          rejected: 0,
          warned: 0,
        },
      },
    });
    expect(scratch.diff()).toMatchObject({ insert: 1, update: 0 });
    expect(await scratch.findDeliveredRecords({ ...where, ids: ["2"] })).toMatchObject([
      { id: "2", revision: 1 },
    ]);
    expect(await real.findDeliveredRecords({ ...where, ids: ["2"] })).toEqual([]);
  });
});
