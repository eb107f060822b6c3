import { describe, expect, it } from "vitest";
import type { AuditEntry } from "../../ports/audit-log.js";
import type { SettledItem } from "../../ports/delivery-store.js";
import type { DismissedRejection, StoredRejection } from "../../ports/rejection-store.js";
import { entity, upserted } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";
import { type RunUnderTest, readAll, rejectionOf } from "./tenant-under-test.js";

const noteOf = ({ id, scope }: DismissedRejection): AuditEntry => ({
  actor: "officer",
  action: "rejection:dismiss",
  subject: id,
  companyId: scope.companyId,
  outcome: "success",
  details: {},
});

/** What is kept of entities that were not landed and records that were not delivered. */
export function describeRejectionStore(fixture: StorageFixture): void {
  describe("rejections", () => {
    async function reject(run: RunUnderTest, stage: "record" | "sink", ...ids: string[]): Promise<void> {
      await run.settle(
        ids.map((id) => ({ id, sequence: 0, outcome: "rejected", rejection: rejectionOf(id, { stage }) })),
      );
    }

    it("keeps a row that failed the structure check, with its payload", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      const rejection = rejectionOf("1", {
        stage: "structure",
        rules: ["address.zip", "active"],
        payload: '{"id":1,"active":"yes"}',
      });
      await run.land({ rejections: [rejection] });
      const [stored, ...others] = await tenant.rejections();
      expect(others).toEqual([]);
      expect(stored).toMatchObject({ ...rejection, scope: tenant.scope, runId: run.run.id, timesSeen: 1 });
      expect(stored?.lastSeenAt).toBe(stored?.firstSeenAt);
      expect(stored?.id).not.toBe("");
    });

    it("keeps a row whose id no entity could have", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      const odd = ["", "-5", "1.5", "99999999999999999999", "no id 💧"];
      await run.land({
        rejections: odd.map((id) => rejectionOf(id, { stage: "structure", payload: '{"id":"\\u0000"}' })),
        markSeen: true,
      });
      const stored = await tenant.rejections();
      expect(stored.map((rejection) => rejection.entityId).sort()).toEqual([...odd].sort());
      expect(await run.enqueue({ seenOnly: true })).toBeNull();
    });

    it("keeps one for each entity and stage, under a stable id, with the latest reason", async () => {
      const tenant = await fixture.newTenant();
      const first = await tenant.begin();
      await first.land({ rejections: [rejectionOf("1", { stage: "structure", rules: ["active"] })] });
      const [before] = await tenant.rejections();
      await first.end();
      await fixture.passTime(5);

      const second = await tenant.begin();
      const again = rejectionOf("1", { stage: "structure", rules: ["name"], message: "name is missing" });
      await second.land({ rejections: [again] });
      await reject(second, "record", "1");
      await reject(second, "sink", "1");
      const stored = await tenant.rejections();
      expect(stored.map((rejection) => rejection.stage).sort()).toEqual(["record", "sink", "structure"]);
      const after = stored.find((rejection) => rejection.stage === "structure");
      expect(after).toMatchObject({ ...again, id: before?.id, runId: second.run.id, timesSeen: 2 });
      expect(after?.firstSeenAt).toBe(before?.firstSeenAt);
      expect(after?.lastSeenAt).toBeGreaterThan(before?.lastSeenAt ?? Number.NaN);
    });

    it.each([
      ["is landed", entity("1", "first")],
      ["is equal to what was landed", entity("1", "landed before")],
    ])("clears the structure rejection of an entity that %s", async (_, good) => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.land({ entities: [entity("1", "landed before")] });
      await run.land({
        rejections: [rejectionOf("1", { stage: "structure" }), rejectionOf("2", { stage: "structure" })],
      });
      await reject(run, "record", "1");
      await run.land({ entities: [good] });
      const stored = await tenant.rejections();
      expect(stored.map(({ entityId, stage }) => `${entityId} ${stage}`).sort()).toEqual([
        "1 record",
        "2 structure",
      ]);
    });

    const good: readonly (readonly [string, SettledItem])[] = [
      ["delivered", upserted({ id: "1", sequence: 0 }, 1)],
      ["removed", { id: "1", sequence: 0, outcome: "removed", revision: 1 }],
      ["unchanged", { id: "1", sequence: 0, outcome: "unchanged" }],
      ["left out", { id: "1", sequence: 0, outcome: "left-out" }],
    ];
    it.each(good)("clears the record and sink rejections of a record that is %s", async (_, item) => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await run.land({ rejections: [rejectionOf("1", { stage: "structure" })] });
      await reject(run, "record", "1", "2");
      await reject(run, "sink", "1");
      await run.settle([item]);
      const stored = await tenant.rejections();
      expect(stored.map(({ entityId, stage }) => `${entityId} ${stage}`).sort()).toEqual([
        "1 structure",
        "2 record",
      ]);
    });

    it("closes dismissed rejections, only of this company and credential", async () => {
      const [tenant, other] = [await fixture.newTenant(), await fixture.newTenant()];
      const run = await tenant.begin();
      await run.land({ rejections: [rejectionOf("1", { stage: "structure" })] });
      await reject(run, "record", "1", "2");
      const theirs = await other.begin();
      await reject(theirs, "record", "1");
      const idOf = (all: readonly StoredRejection[], entityId: string, stage: string): string =>
        all.find((each) => each.entityId === entityId && each.stage === stage)?.id ?? "none";
      const own = await tenant.rejections();
      const foreign = idOf(await other.rejections(), "1", "record");
      const ids = [
        idOf(own, "1", "structure"),
        idOf(own, "2", "record"),
        foreign,
        "no id",
        "99999999999999999999",
      ];
      const { companyId } = tenant.scope;
      const dismiss = (credentialId?: string) =>
        fixture.storage.dismissRejections({ companyId, credentialId, ids, auditEntryOf: noteOf });
      expect(await dismiss(other.credential.id)).toEqual([]);
      const closed = [...(await dismiss(tenant.credential.id))].sort((one, two) =>
        one.entityId.localeCompare(two.entityId),
      );
      const { scope } = tenant;
      expect(closed).toEqual([
        { id: ids[0], scope, feed: "customers", entityId: "1", stage: "structure", rules: ["address"] },
        { id: ids[1], scope, feed: "customers", entityId: "2", stage: "record", rules: ["address"] },
      ]);
      expect((await tenant.rejections()).map(({ id }) => id)).toEqual([idOf(own, "1", "record")]);
      expect(await other.rejections()).toHaveLength(1);
      expect(await dismiss()).toEqual([]);
      // It returns when the row does.
      await run.land({ rejections: [rejectionOf("1", { stage: "structure" })] });
      expect(await tenant.rejections()).toMatchObject([{ stage: "structure", timesSeen: 1 }, {}]);
    });

    it("records each closed rejection in the audit log, and closes none that cannot be recorded", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      await reject(run, "record", "1", "2");
      const { companyId } = tenant.scope;
      const ids = (await tenant.rejections()).map(({ id }) => id);
      const failing = fixture.storage.dismissRejections({
        companyId,
        ids,
        auditEntryOf(closed) {
          if (closed.entityId === "2") throw new TypeError("killed in between");
          return noteOf(closed);
        },
      });
      await expect(failing).rejects.toThrow("killed in between");
      const noted = async () =>
        (await fixture.storage.listAudit({ companyId }, { limit: 9 })).items
          .filter(({ action }) => action === "rejection:dismiss")
          .map(({ subject }) => subject);
      expect((await tenant.rejections()).map(({ id }) => id).sort()).toEqual([...ids].sort());
      expect(await noted()).toEqual([]);
      await fixture.storage.dismissRejections({ companyId, ids, auditEntryOf: noteOf });
      expect(await tenant.rejections()).toEqual([]);
      expect([...(await noted())].sort()).toEqual([...ids].sort());
    });

    it("counts them by feed, stage and rules, the most frequent reason first, and filters", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      const { companyId } = tenant.scope;
      expect(await fixture.storage.countRejections({ companyId })).toEqual([]);
      await reject(run, "record", "1", "2", "3");
      await run.settle([
        {
          id: "4",
          sequence: 0,
          outcome: "rejected",
          rejection: rejectionOf("4", { stage: "record", rules: ["names", "address"] }),
        },
      ]);
      await run.land({ rejections: [rejectionOf("5", { stage: "structure", rules: ["structure"] })] });
      await run.land({ rejections: [rejectionOf("6", { stage: "structure", rules: ["structure"] })] });
      const { feed, rules } = rejectionOf("1", { stage: "record" });
      const structure = { feed, stage: "structure", rules: ["structure"], count: 2 };
      expect(await fixture.storage.countRejections({ companyId })).toEqual([
        { feed, stage: "record", rules, count: 3 },
        structure,
        { feed, stage: "record", rules: ["names", "address"], count: 1 },
      ]);
      expect(await fixture.storage.countRejections({ companyId, stage: "structure" })).toEqual([structure]);
      expect(await fixture.storage.countRejections({ companyId, feed: "zones" })).toEqual([]);
    });

    it("lists by when they were last seen, newest first, and filters", async () => {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      for (const id of ["1", "2", "3"]) {
        await reject(run, "record", id);
        await fixture.passTime(5);
      }
      await run.land({
        feed: "jobs",
        touches: [],
        rejections: [rejectionOf("4", { feed: "jobs", stage: "structure" })],
      });
      await fixture.passTime(5);
      await reject(run, "record", "1");

      const { companyId } = tenant.scope;
      const list = (filter: Parameters<typeof fixture.storage.listRejections>[0], limit?: number) =>
        readAll((page) => fixture.storage.listRejections(filter, page), limit).then((rejections) =>
          rejections.map((rejection) => rejection.entityId),
        );
      expect(await list({ companyId })).toEqual(["1", "4", "3", "2"]);
      expect(await list({ companyId }, 1)).toEqual(["1", "4", "3", "2"]);
      expect(await list({ credentialId: tenant.credential.id }, 3)).toEqual(["1", "4", "3", "2"]);
      expect(await list({ companyId, feed: "jobs" })).toEqual(["4"]);
      expect(await list({ companyId, stage: "record" })).toEqual(["1", "3", "2"]);
      expect(await list({ companyId, stage: "sink" })).toEqual([]);
    });
  });
}
