import { describe, expect, it } from "vitest";
import type { FeedCursor } from "../../ports/feed-cursor.js";
import type { LandParams, NewEntity } from "../../ports/landing-store.js";
import { at, contentOf, cursorAt, entity } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";
import { type RunUnderTest, rejectionOf, type TenantUnderTest } from "./tenant-under-test.js";

/** What landing keeps of an entity, and what it counts. */
export function describeLandingStore(fixture: StorageFixture): void {
  describe("landing", () => {
    async function begun(): Promise<{ tenant: TenantUnderTest; run: RunUnderTest }> {
      const tenant = await fixture.newTenant();
      return { tenant, run: await tenant.begin() };
    }

    async function contents({ storage, scope }: TenantUnderTest, ...ids: string[]): Promise<string[]> {
      const found = await storage.findEntities({ scope, feed: "customers", ids });
      return ids.map((id) => found.flatMap((row) => (row.id === id ? [contentOf(row)] : []))[0] ?? "unknown");
    }

    it("stores entities with any JSON", async () => {
      const { tenant, run } = await begun();
      const text = '{"id":1,"name":"Zoë 💧 \\u0000 \\ud800","total":-1234.50,"nested":{"list":[null,true]}}';
      const result = await run.land({ entities: [{ ...entity("1"), payload: text }, entity("2")] });
      expect(result).toEqual({ landed: 2, unchanged: 0, superseded: 0 });
      const { storage, scope } = tenant;
      const found = await storage.findEntities({ scope, feed: "customers", ids: ["2", "1", "3", "1"] });
      expect(found.map((row) => row.id).sort()).toEqual(["1", "2"]);
      const [first] = found.filter((row) => row.id === "1");
      expect(first?.removed).toBe(false);
      expect(JSON.parse(first?.payload ?? "null")).toEqual(JSON.parse(text));
    });

    it("accepts ids of up to 64 bits", async () => {
      const { tenant, run } = await begun();
      const ids = ["9", "10", "9007199254740993", "9223372036854775807"];
      await run.land({ entities: ids.map((id) => entity(id)) });
      const found = await tenant.storage.findEntities({ scope: tenant.scope, feed: "customers", ids });
      expect(found.map((row) => row.id).sort()).toEqual([...ids].sort());
      expect(await run.claimIds()).toEqual(ids);
    });

    it("keeps the same id in two feeds apart", async () => {
      const { tenant, run } = await begun();
      await run.land({ entities: [entity("1", "customer")] });
      await run.land({ feed: "jobs", entities: [entity("1", "job")], touches: [] });
      const { storage, scope } = tenant;
      const [job] = await storage.findEntities({ scope, feed: "jobs", ids: ["1"] });
      expect(job === undefined ? null : contentOf(job)).toBe("job");
      expect(await contents(tenant, "1")).toEqual(["customer"]);
    });

    it("counts an equal entity as unchanged and queues nothing for it", async () => {
      const { run } = await begun();
      await run.land({ entities: [entity("1")] });
      await run.clearWorkQueue();
      expect(await run.land({ entities: [entity("1")] })).toEqual({ landed: 0, unchanged: 1, superseded: 0 });
      expect(await run.claim()).toEqual([]);
    });

    it("lands nothing new when a call is repeated", async () => {
      const { tenant, run } = await begun();
      const call = { entities: [entity("1"), entity("2")], cursor: cursorAt("next") };
      await run.land(call);
      const claimed = await run.claim();
      expect(await run.land(call)).toEqual({ landed: 0, unchanged: 2, superseded: 0 });
      await run.settle(claimed.map((key) => ({ ...key, outcome: "left-out" })));
      expect(await run.claim()).toEqual([]);
      expect((await tenant.storage.findCursors(tenant.scope)).get("customers")).toEqual(cursorAt("next"));
    });

    interface Case {
      readonly title: string;
      readonly stored: readonly [NewEntity, LandParams["source"]];
      readonly next: readonly [NewEntity, LandParams["source"]];
      readonly wins: boolean;
    }
    const old = (modifiedOn: string | null): NewEntity => entity("1", "old", { modifiedOn });
    const fresh = (modifiedOn: string | null): NewEntity => entity("1", "new", { modifiedOn });
    const cases: readonly Case[] = [
      { title: "a newer row wins", stored: [old(at(1)), "export"], next: [fresh(at(2)), "list"], wins: true },
      {
        title: "an older row never wins, though it comes from the export",
        stored: [old(at(2)), "list"],
        next: [fresh(at(1)), "export"],
        wins: false,
      },
      {
        title: "the seventh digit decides",
        stored: [old("2026-03-01T10:00:00.0000002Z"), "export"],
        next: [fresh("2026-03-01T10:00:00.0000001Z"), "export"],
        wins: false,
      },
      {
        title: "a row without a time is older than every other",
        stored: [old("0001-01-01T00:00:00.0000000Z"), "list"],
        next: [fresh(null), "export"],
        wins: false,
      },
      {
        title: "every time is newer than none",
        stored: [old(null), "export"],
        next: [fresh("0001-01-01T00:00:00.0000000Z"), "list"],
        wins: true,
      },
      {
        title: "on a tie an export row beats a list row that was there",
        stored: [old(at(1)), "list"],
        next: [fresh(at(1)), "export"],
        wins: true,
      },
      {
        title: "on a tie a list row does not replace an export row",
        stored: [old(at(1)), "export"],
        next: [fresh(at(1)), "list"],
        wins: false,
      },
      {
        title: "on a tie of two export rows the later read wins",
        stored: [old(at(1)), "export"],
        next: [fresh(at(1)), "export"],
        wins: true,
      },
      {
        title: "on a tie of two list rows the later read wins",
        stored: [old(at(1)), "list"],
        next: [fresh(at(1)), "list"],
        wins: true,
      },
      {
        title: "on a tie without times the later export read wins",
        stored: [old(null), "export"],
        next: [fresh(null), "export"],
        wins: true,
      },
      {
        title: "on a tie without times a list row does not replace an export row",
        stored: [old(null), "export"],
        next: [fresh(null), "list"],
        wins: false,
      },
    ];
    it.each(cases)("decides by time, then source: $title", async ({ stored, next, wins }) => {
      const { tenant, run } = await begun();
      await run.land({ entities: [stored[0]], source: stored[1] });
      await run.clearWorkQueue();
      const result = await run.land({ entities: [next[0]], source: next[1] });
      expect(result).toEqual({ landed: wins ? 1 : 0, unchanged: 0, superseded: wins ? 0 : 1 });
      expect(await contents(tenant, "1")).toEqual([wins ? "new" : "old"]);
      expect(await run.claimIds()).toEqual(wins ? ["1"] : []);
    });

    it.each(cases)(
      "decides the same way while nothing is to be queued: $title",
      async ({ stored, next, wins }) => {
        const { tenant, run } = await begun();
        await run.land({ entities: [stored[0]], source: stored[1], touches: [] });
        const page = { entities: [next[0], entity("2", "another")], source: next[1], touches: [] };
        expect(await run.land(page)).toEqual({
          landed: wins ? 2 : 1,
          unchanged: 0,
          superseded: wins ? 0 : 1,
        });
        expect(await contents(tenant, "1", "2")).toEqual([wins ? "new" : "old", "another"]);
        const { landed, unchanged } = await run.land(page);
        expect({ landed, unchanged }).toEqual({ landed: 0, unchanged: wins ? 2 : 1 });
        expect(await run.claimIds()).toEqual([]);
      },
    );

    describe("in a full pass", () => {
      /** A customer landed before, and a full pass that began after that. */
      async function inFullPass(
        row: NewEntity,
      ): Promise<{ tenant: TenantUnderTest; run: RunUnderTest; healsBefore: number }> {
        const { tenant, run: first } = await begun();
        await first.land({ entities: [row] });
        await first.clearWorkQueue();
        await first.end();
        await fixture.passTime(20);
        const run = await tenant.begin({ mode: "full" });
        return { tenant, run, healsBefore: run.run.startedAt };
      }

      it.each([
        ["went back", at(1)],
        ["became null", null],
        ["became year 1", "0001-01-01T00:00:00.0000000Z"],
      ])("takes content whose time %s, and lists it", async (_, modifiedOn) => {
        const { tenant, run, healsBefore } = await inFullPass(old(at(50)));
        const heal = { entities: [fresh(modifiedOn)], markSeen: true };
        expect(await run.land(heal)).toMatchObject({ landed: 0, superseded: 1 });
        await run.end("cancelled");
        const again = await tenant.begin({ mode: "full" });
        expect(await again.land({ ...heal, healsBefore })).toEqual({
          landed: 1,
          unchanged: 0,
          superseded: 0,
        });
        expect(await contents(tenant, "1")).toEqual(["new"]);
        expect(await again.claimIds()).toEqual(["1"]);
      });

      it("does not replace a row that landed since the given time with an older one", async () => {
        const { tenant, run, healsBefore } = await inFullPass(old(at(50)));
        const result = await run.land({
          entities: [fresh(at(1))],
          markSeen: true,
          healsBefore: healsBefore - 3_600_000,
        });
        expect(result).toMatchObject({ landed: 0, superseded: 1 });
        expect(await contents(tenant, "1")).toEqual(["old"]);
      });

      it("does not replace a row that the run has seen, even unchanged, with an older one", async () => {
        const { tenant, run, healsBefore } = await inFullPass(old(at(50)));
        await run.land({ entities: [old(at(50))], markSeen: true, healsBefore });
        const result = await run.land({ entities: [fresh(at(1))], markSeen: true, healsBefore });
        expect(result).toMatchObject({ landed: 0, superseded: 1 });
        expect(await contents(tenant, "1")).toEqual(["old"]);
      });

      it("does not replace a row that it has just landed with an older one", async () => {
        const { tenant, run, healsBefore } = await inFullPass(old(at(50)));
        await run.land({ entities: [fresh(at(10))], markSeen: true, healsBefore });
        await run.land({
          entities: [entity("1", "oldest", { modifiedOn: at(1) })],
          markSeen: true,
          healsBefore,
        });
        expect(await contents(tenant, "1")).toEqual(["new"]);
      });
    });

    it("treats a list row as an export row once the export has returned it equal", async () => {
      const { tenant, run } = await begun();
      await run.land({ entities: [old(at(1))], source: "list" });
      expect(await run.land({ entities: [old(at(1))], source: "export" })).toMatchObject({ unchanged: 1 });
      expect(await run.land({ entities: [fresh(at(1))], source: "list" })).toMatchObject({ superseded: 1 });
      expect(await contents(tenant, "1")).toEqual(["old"]);
    });

    it("still treats a row as an export row when a list returns it equal", async () => {
      const { tenant, run } = await begun();
      await run.land({ entities: [old(at(1))], source: "export" });
      await run.land({ entities: [old(at(1))], source: "list" });
      expect(await run.land({ entities: [fresh(at(1))], source: "list" })).toMatchObject({ superseded: 1 });
      expect(await contents(tenant, "1")).toEqual(["old"]);
    });

    it("saves the cursor with the rows, and does not change it if none is given", async () => {
      const { tenant, run } = await begun();
      expect(await tenant.storage.findCursors(tenant.scope)).toEqual(new Map());
      const drained: FeedCursor = {
        token: "two",
        pollBeganAt: null,
        drainedAt: "2026-03-01T10:00:00.0000000Z",
        fullPass: { runId: run.run.id, beganAt: "2026-03-01T09:00:00.000Z", token: null, drained: true },
        enqueuedWith: ["customers", "locations"],
        pageBefore: { token: "two", fingerprint: "abc" },
        backfill: {
          until: "2026-03-01T09:00:00.000Z",
          windows: [{ from: null, to: "2026-03-01T09:00:00.000Z", rows: 3 }],
        },
      };
      await run.land({ entities: [entity("1")], cursor: cursorAt("one") });
      await run.land({ feed: "jobs", touches: [], cursor: drained });
      await run.land({ entities: [entity("2")], cursor: null });
      expect(await tenant.storage.findCursors(tenant.scope)).toEqual(
        new Map([
          ["customers", cursorAt("one")],
          ["jobs", drained],
        ]),
      );
    });

    it("adds to the run's figures of each feed, so that they add up", async () => {
      const { tenant, run } = await begun();
      await run.land({ entities: [entity("1"), entity("2")], repeated: 1, endsPage: false });
      const result = await run.land({
        entities: [entity("1"), entity("2", "older", { modifiedOn: null }), entity("4")],
        rejections: [rejectionOf("3", { stage: "structure" })],
        repeated: 2,
        suppressed: ["6", "7", "7", "unknown-1"],
      });
      // Counts only the given entities: the caller knows which rows it dropped before.
      expect(result).toEqual({ landed: 1, unchanged: 1, superseded: 1 });
      await run.land({ feed: "jobs", touches: [], entities: [entity("5")] });
      const stored = await tenant.storage.findRun(run.run.id);
      expect(stored?.feeds).toEqual({
        customers: { pages: 1, read: 13, landed: 3, unchanged: 1, superseded: 4, suppressed: 4, rejected: 1 },
        jobs: { pages: 1, read: 1, landed: 1, unchanged: 0, superseded: 0, suppressed: 0, rejected: 0 },
      });
    });

    it("counts an empty page", async () => {
      const { tenant, run } = await begun();
      await run.land({ cursor: cursorAt("end") });
      expect((await tenant.storage.findRun(run.run.id))?.feeds["customers"]).toEqual({
        pages: 1,
        read: 0,
        landed: 0,
        unchanged: 0,
        superseded: 0,
        suppressed: 0,
        rejected: 0,
      });
    });
  });
}
