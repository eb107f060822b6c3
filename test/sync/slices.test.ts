import { describe, expect, test } from "vitest";
import { openMemoryStores } from "./memory-stores.js";
import { type Cut, createSlicer, sliceMs, syncInSlices } from "./sliced-run.js";
import { createWorld } from "./world.js";

function* every(afterSteps: number, how: Cut["how"] = "pause", most = 400): Generator<Cut> {
  for (let count = 0; count < most; count += 1) yield { how, afterSteps };
  throw new Error(`The run did not end in ${most} slices.`);
}

async function createSlicedWorld() {
  const slicer = createSlicer();
  const world = await createWorld(await openMemoryStores(slicer.clock), {
    tenant: { customers: 60, invoices: 90 },
    simulator: { exportPageSize: 10 },
    titan: { clock: slicer.clock, batchSize: 10 },
    beforeRequest: slicer.step,
    maxRowsInPage: 10,
  });
  return { slicer, world };
}

const requests = {
  "a first load": { data: "both", first: true },
  rederive: { data: "both", rederive: true },
  "a full sync": { data: "both", mode: "full" },
  "a range": { data: "both", from: "2000-01-01" },
} as const;

describe.each(Object.entries(requests))("%s", (name, { ...given }) => {
  const isFirst = "first" in given;
  const { first: __, ...request } = { first: false, ...given };

  test.each([1, 3, 10])(`${name} in slices of %i steps ends, and derives each record once`, async (steps) => {
    const { slicer, world } = await createSlicedWorld();
    if (!isFirst) await world.sync({ data: "both" });
    const { result, slices } = await syncInSlices(world, slicer, request, every(steps));
    expect(slices).toBeGreaterThan(1);
    expect(result).toMatchObject({ status: "completed", error: null });
    const { customers, invoices } = {
      customers: world.simulator.rows(world.tenantId, "customers").length,
      invoices: world.simulator.rows(world.tenantId, "invoices").length,
    };
    expect(result.ledger.records.member?.derived).toBe(customers);
    expect(result.ledger.records.invoice?.derived).toBe(invoices);
    expect(slices).toBeLessThan(120);
  });

  test(`${name} in slices that are killed ends, and delivers each record once`, async () => {
    const { slicer, world } = await createSlicedWorld();
    if (!isFirst) await world.sync({ data: "both" });
    const { result } = await syncInSlices(world, slicer, request, every(70, "kill"));
    expect(result).toMatchObject({ status: "completed", error: null });
    const whole = await world.sync({ data: "both", rederive: true });
    expect(whole.ledger.successful).toBe(0);
  });
});

test("a slice polls related feeds again only if it has landed something of a driver itself", async () => {
  const { slicer, world } = await createSlicedWorld();
  const requests: number[] = [];
  function* whileDeriving(): Generator<Cut> {
    for (;;) {
      const isDeriving = slicer.verbs().includes("settleKeys");
      if (isDeriving) requests.push(world.simulator.counters().requests);
      world.simulator.resetCounters();
      yield { how: "pause", afterSteps: 1 };
    }
  }
  await syncInSlices(world, slicer, { data: "both" }, whileDeriving());
  // The first of these slices has read the end of the drivers as well.
  const [, ofOneSlice, ofAnother] = requests;
  await world.sync({ data: "both" });
  world.simulator.resetCounters();
  await world.sync({ data: "both" });
  expect([ofOneSlice, ofAnother]).toEqual(Array(2).fill(world.simulator.counters().requests));
});

const day = 86_400_000;

test("a full pass that was paused for more than seven days starts again", async () => {
  const { slicer, world } = await createSlicedWorld();
  await world.sync({ data: "customers" });
  const seen = Number(world.simulator.rows(world.tenantId, "customers")[0]?.id);
  function* pauseForAWhile(): Generator<Cut> {
    yield { how: "pause", afterSteps: 30 };
    world.simulator.mutate(world.tenantId, { kind: "delete", feed: "customers", id: seen });
    slicer.pass(7 * day + 1000);
    yield { how: "pause", afterSteps: Number.POSITIVE_INFINITY };
  }
  const { result, slices } = await syncInSlices(
    world,
    slicer,
    { data: "customers", mode: "full" },
    pauseForAWhile(),
  );
  expect(slices).toBe(2);
  expect(result.ledger.records.member).toMatchObject({ removed: 1 });
  expect((await world.records("member")).has(String(seen))).toBe(false);
});

test("what lands between two slices of a first load is derived again, however far the queueing had come", async () => {
  const { slicer, world } = await createSlicedWorld();
  const [first] = world.simulator.rows(world.tenantId, "customers");
  const newcomer = Number(first?.id) - 1;
  let hasChanged = false;
  function* changeAfterTheListing(): Generator<Cut> {
    for (;;) {
      yield { how: "pause", afterSteps: 1 };
      if (slicer.verbs().includes("enqueueKeys") && !hasChanged) {
        hasChanged = true;
        slicer.pass(day);
        world.simulator.mutate(world.tenantId, {
          kind: "edit",
          feed: "customers",
          id: Number(first?.id),
          set: { name: "Changed Meanwhile", type: "Commercial" },
        });
        // Behind the place that the listing has come to.
        const modifiedOn = new Date(slicer.clock.now()).toISOString();
        const row = { ...first, id: newcomer, createdOn: modifiedOn, modifiedOn };
        world.simulator.mutate(world.tenantId, { kind: "add", feed: "customers", row });
        slicer.pass(day);
      }
    }
  }
  await syncInSlices(world, slicer, { data: "customers", fresh: true }, changeAfterTheListing());
  expect(hasChanged).toBe(true);
  const records = await world.records("member");
  expect(records.get(String(first?.id))?.["customer_name"]).toBe("Changed Meanwhile");
  expect(records.has(String(newcomer))).toBe(true);
});

test("a cancelled run is not continued: an incremental one continues from the cursors, a full one starts again", async () => {
  for (const mode of ["incremental", "full"] as const) {
    const { slicer, world } = await createSlicedWorld();
    if (mode === "full") await world.sync({ data: "customers" });
    const storage = slicer.wrap(world.storage);
    const request = { data: "customers", mode } as const;
    slicer.next({ how: "pause", afterSteps: 16 });
    const paused = await world.syncOn(storage, { ...request, stopAfterMs: sliceMs });
    expect(paused.status).toBe("paused");
    const { companyId } = world;
    expect(await world.titan.runs.cancel({ companyId, runId: paused.runId })).toMatchObject({
      outcome: "cancelled",
    });
    const next = await world.sync(request);
    expect(next).toMatchObject({ status: "completed" });
    expect(next.runId).not.toBe(paused.runId);
    const read = next.ledger.feeds["customers"]?.read ?? 0;
    if (mode === "full") expect(read).toBeGreaterThanOrEqual(60);
    else expect(read).toBe(60 - (paused.ledger.feeds["customers"]?.read ?? 0));
    expect(next.ledger.records.member?.derived).toBe(60);
  }
});
