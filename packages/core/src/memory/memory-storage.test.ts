import { describe, expect, it } from "vitest";
import { LeaseLostError, ValidationError } from "../errors.js";
import { describeStorage } from "../testing/describe-storage.js";
import { manualClock } from "../testing/manual-clock.js";
import { memberRecord, upsert } from "../testing/sample-records.js";
import { cursorAt, entity, figuresOf, upserted } from "../testing/storage/samples.js";
import { createTenant, leaseMs } from "../testing/storage/tenant-under-test.js";
import { memorySink } from "./memory-sink.js";
import { memoryStorage } from "./memory-storage.js";

describeStorage({
  name: "memory storage",
  setup() {
    const clock = manualClock();
    return { storage: memoryStorage({ clock }), passTime: clock.advance };
  },
});

describe("memory storage", () => {
  it("commits neither records nor sink if the run is taken over during a settlement", async () => {
    const clock = manualClock();
    const storage = memoryStorage({ clock });
    const sink = memorySink({ storage });
    const tenant = await createTenant(storage);
    const { scope } = tenant;
    const run = await tenant.begin();
    await run.land({ entities: [entity("1")] });
    const items = (await run.claim()).map((key) => upserted(key, 1));

    const settling = storage.settleKeys({
      lease: run.lease,
      scope,
      record: "member",
      feed: "customers",
      batchId: null,
      settlement: async (transaction) => {
        await sink.writeIn?.(
          transaction,
          {
            id: "batch",
            runId: run.run.id,
            credentialId: tenant.credential.id,
            scope,
            record: "member",
            items: [upsert(memberRecord(scope, "1", "late"), 1)],
          },
          { signal: new AbortController().signal },
        );
        clock.advance(leaseMs);
        await tenant.begin();
        return { items, figures: figuresOf(items) };
      },
    });
    await expect(settling).rejects.toBeInstanceOf(LeaseLostError);
    expect(sink.batches).toEqual([]);
    expect(await storage.findDeliveredRecords({ scope, record: "member", ids: ["1"] })).toEqual([]);
    expect((await storage.findRun(run.run.id))?.records).toEqual({});
  });

  it("does not change if its callers later change their objects", async () => {
    const storage = memoryStorage();
    const tenant = await createTenant(storage);
    const run = await tenant.begin();
    const links = { customer: "7" };
    const fullPass = { runId: "run", beganAt: "2026-03-01T09:00:00.000Z", token: "a", drained: false };
    const cursor = { ...cursorAt("one"), fullPass };
    await run.land({ feed: "jobs", touches: [], entities: [entity("1", "first", { links })], cursor });
    links.customer = "8";
    fullPass.token = "b";

    const { scope } = tenant;
    expect(
      await storage.findEntitiesByLink({ scope, feed: "jobs", link: "customer", ids: ["7"] }),
    ).toHaveLength(1);
    expect((await storage.findCursors(scope)).get("jobs")?.fullPass?.token).toBe("a");
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses a page of %s items", async (limit) => {
    await expect(memoryStorage().listRuns({}, { limit })).rejects.toBeInstanceOf(ValidationError);
  });

  it("may be closed twice", async () => {
    const storage = memoryStorage();
    await storage.close();
    await storage.close();
  });

  it("has its own database: a sink of another storage does not join it", () => {
    expect(memoryStorage().database).not.toBe(memoryStorage().database);
  });
});
