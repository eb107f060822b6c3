import { type CompanyDetails, eachItem, memorySink, memoryStorage, type RecordBatch } from "@titan-sync/core";
import { openRun } from "@titan-sync/core/testing";
import { describe, expect, test } from "vitest";
import { openMemoryStores } from "../sync/memory-stores.js";
import { createWorld, type World } from "../sync/world.js";

const lenient = { rules: { names: "warn", address: "warn", total: "warn", required: "warn" } } as const;

describe("Replaying rejections", () => {
  test("derives only rejected records again, without the API", async () => {
    let details: CompanyDetails = { trade: "HVAC" };
    const stores = await openMemoryStores();
    const world = await createWorld(stores, { titan: { company: async () => details } });
    const first = await world.sync();
    expect(first.ledger.failed).toBeGreaterThan(0);
    const counts = await world.titan.rejections.count({ companyId: world.companyId });
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(first.ledger.failed);

    details = { ...details, ...lenient };
    world.simulator.resetCounters();
    const run = await world.titan.rejections.replay({ credentialId: world.credentialId });
    const result = await run.result;
    for await (const event of run.events()) {
      if (event.event === "run:start") expect(event).toMatchObject({ replay: true, rederive: false });
    }
    expect(world.simulator.counters().requests).toBe(0);
    expect(result).toMatchObject({
      status: "completed",
      ledger: { processed: first.ledger.failed, successful: first.ledger.failed, failed: 0 },
    });
    expect(await world.titan.rejections.count({ companyId: world.companyId })).toEqual([]);
    await stores.close();
  });

  test("keeps what is still invalid, and counts how often it was seen", async () => {
    const stores = await openMemoryStores();
    const world = await createWorld(stores);
    await world.sync();
    const before = await idsOf(allRejections(world));
    const { result } = await world.titan.rejections.replay({ credentialId: world.credentialId });
    expect((await result).ledger.failed).toBe(before.length);
    const after = allRejections(world);
    for await (const rejection of after) expect(rejection.timesSeen).toBe(2);
    expect(await idsOf(allRejections(world))).toEqual(before);
    await stores.close();
  });

  test("sends records that the sink refused again", async () => {
    const storage = memoryStorage();
    const stores = await openMemoryStores();
    let refuses = true;
    const taken: RecordBatch[] = [];
    const world = await createWorld(
      { ...stores, storage, sink: memorySink({ storage }) },
      {
        titan: {
          sink: async (batch) => {
            if (!refuses) taken.push(batch);
            return {
              rejected: refuses ? batch.items.map(({ key }) => ({ key, reason: "the table is full" })) : [],
            };
          },
        },
      },
    );
    await world.sync();
    const counts = await world.titan.rejections.count({ companyId: world.companyId, stage: "sink" });
    expect(counts.map(({ rules }) => rules)).toEqual([["sink"], ["sink"]]);
    refuses = false;
    await (await world.titan.rejections.replay({ credentialId: world.credentialId })).result;
    expect(taken.flatMap((batch) => batch.items)).toHaveLength(
      counts.reduce((sum, { count }) => sum + count, 0),
    );
    expect(await world.titan.rejections.count({ companyId: world.companyId, stage: "sink" })).toEqual([]);
  });

  test("lands a row whose structure is now valid", async () => {
    const stores = await openMemoryStores();
    const world = await createWorld(stores);
    await world.sync();
    await keepSoundRow(stores, world);

    await (await world.titan.rejections.replay({ credentialId: world.credentialId })).result;
    expect((await world.records("member")).get("987654")).toMatchObject({ customer_name: "Sound By Now" });
    expect(await world.titan.rejections.count({ companyId: world.companyId, stage: "structure" })).toEqual(
      [],
    );
    await stores.close();
  });

  test("does not land the row of an erased customer, and deletes it", async () => {
    const stores = await openMemoryStores();
    const world = await createWorld(stores);
    await world.sync();
    const { companyId } = world;
    await world.titan.erase({ companyId, customerId: "987654" });
    await keepSoundRow(stores, world);

    const replayed = await (await world.titan.rejections.replay({ credentialId: world.credentialId })).result;
    expect(replayed.ledger.feeds["customers"]).toMatchObject({ read: 1, suppressed: 1 });
    expect((await world.records("member")).has("987654")).toBe(false);
    expect(await world.titan.rejections.count({ companyId, stage: "structure" })).toEqual([]);
    await stores.close();
  });
});

async function idsOf(rejections: AsyncIterable<{ readonly entityId: string }>): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { entityId } of rejections) ids.push(entityId);
  return ids.toSorted();
}

/** Leaves a row behind as an earlier version of this library may have: refused for its structure, and sound by now. */
async function keepSoundRow(
  stores: Awaited<ReturnType<typeof openMemoryStores>>,
  world: Awaited<ReturnType<typeof createWorld>>,
): Promise<void> {
  const [row] = world.simulator.rows(world.tenantId, "customers");
  const run = await openRun(stores.storage, {
    credentialId: world.credentialId,
    scope: { companyId: world.companyId, environment: "production", tenantId: world.tenantId },
    request: { data: "customers" },
    runId: "an earlier version of this library",
  });
  const payload = { ...row, id: 987_654, name: "Sound By Now" };
  const rejection = {
    feed: "customers",
    stage: "structure",
    rules: ["structure"],
    message: "type",
  } as const;
  await stores.storage.landRows({
    lease: run.lease,
    scope: run.run.scope,
    feed: "customers",
    source: "export",
    entities: [],
    rejections: [{ ...rejection, entityId: "987654", payload: JSON.stringify(payload) }],
    touches: [],
    repeated: 0,
    cursor: null,
    endsPage: false,
    markSeen: false,
    healsBefore: null,
  });
  await stores.storage.endRun({ lease: run.lease, status: "completed", warnings: [], error: null });
}

function allRejections({ titan, companyId }: Pick<World, "titan" | "companyId">) {
  return eachItem((page) => titan.rejections.list({ companyId }, page));
}
