import { describe, expect, it } from "vitest";
import { ConflictError, LeaseLostError } from "../../errors.js";
import type { LinkIds } from "../../feeds/feed.js";
import type { Erasure, ErasureReader, RejectedRow } from "../../ports/erasure-store.js";
import { entity, upserted } from "./samples.js";
import type { StorageFixture } from "./storage-fixture.js";
import { type RunUnderTest, rejectionOf, type TenantUnderTest } from "./tenant-under-test.js";

const feeds = ["customer-contacts", "locations", "invoices"] as const;

const byEntity = (left: RejectedRow, right: RejectedRow) => (left.entityId < right.entityId ? -1 : 1);

const nothing: Erasure = {
  entities: new Map(),
  rejections: [],
  emptied: [],
  removals: [],
  requeued: [],
  batches: [],
  suppress: null,
};

/** Customer 7 and what belongs to it. */
const seven: Erasure["entities"] = new Map([
  ["customers", ["7"]],
  ["customer-contacts", ["70"]],
  ["locations", ["71"]],
  ["invoices", ["72", "73"]],
]);

/** Everything of one customer goes, nothing of another does. */
export function describeErasureStore(fixture: StorageFixture): void {
  describe("erasing a customer", () => {
    const erase = (
      { scope }: Pick<TenantUnderTest, "scope">,
      given: Partial<Erasure> = {},
      look: (reader: ErasureReader) => Promise<void> = async () => undefined,
    ) =>
      fixture.storage.eraseCustomer({
        scope,
        async decide(_transaction, reader) {
          await look(reader);
          return { ...nothing, entities: seven, ...given };
        },
      });

    /** Customers 7 and 8, each with a contact, a location and two invoices, all delivered. */
    async function deliverTwo(): Promise<{
      tenant: TenantUnderTest;
      run: RunUnderTest;
      lastClaimed: number;
    }> {
      const tenant = await fixture.newTenant();
      const run = await tenant.begin();
      const land = (feed: (typeof feeds)[number], rows: [string, LinkIds][]) =>
        run.land({ feed, touches: [], entities: rows.map(([id, to]) => entity(id, "first", { links: to })) });
      await run.land({ entities: [entity("7"), entity("8")] });
      await land("customer-contacts", [
        ["70", { customer: "7" }],
        ["80", { customer: "8" }],
      ]);
      await land("locations", [
        ["71", { zone: "500", customer: "7" }],
        ["81", { zone: "7", customer: "8" }],
      ]);
      await run.land({
        feed: "invoices",
        touches: [{ record: "invoice", feed: "invoices", link: null }],
        entities: ["72", "73", "82"].map((id) =>
          entity(id, "first", {
            links: { customer: id.startsWith("7") ? "7" : "8", location: null, job: null },
          }),
        ),
      });
      let lastClaimed = 0;
      for (const record of ["member", "invoice"] as const) {
        const keys = await run.claim({ record });
        lastClaimed = Math.max(lastClaimed, ...keys.map((key) => key.revision));
        await run.settle(
          keys.map((key) => upserted(key, 4)),
          { record },
        );
      }
      return { tenant, run, lastClaimed };
    }

    const idsOf = async ({ scope }: TenantUnderTest) => {
      const ids: Record<string, readonly string[]> = {};
      for (const feed of ["customers", ...feeds] as const) {
        const found = await fixture.storage.listEntityIds({ scope, feed, after: null, limit: 99 });
        ids[feed] = found.map((row) => row.id);
      }
      return ids;
    };

    it("shows what is stored, removed entities included", async () => {
      const { tenant, run } = await deliverTwo();
      await run.land({
        feed: "invoices",
        touches: [],
        entities: [
          entity("74", "first", { links: { customer: "7", location: null, job: "9007199254740993" } }),
        ],
      });
      await run.sweep({ feed: "invoices", touches: [] });
      await run.land({ rejections: [rejectionOf("unknown-1"), rejectionOf("8", { stage: "structure" })] });
      await run.end();
      const seen: unknown[] = [];
      await erase(tenant, { entities: new Map() }, async (reader) => {
        const of = (
          await reader.findEntitiesByLink({ feed: "invoices", link: "customer", ids: ["7", "7", "99"] })
        ).map(({ id }) => id);
        const [own] = await reader.findEntities({ feed: "invoices", ids: ["74", "12345"] });
        seen.push([...of].sort(), own?.id, own?.links["customer"], own?.links["job"]);
        const delivered = await reader.findDeliveredRecords({ record: "member", ids: ["7", "99"] });
        seen.push(delivered.map(({ id, revision, removed }) => [id, revision, removed]));
        seen.push(
          await reader.findDeliveredContaining({ record: "invoice", texts: ['"customer_id":"73"', '"x"'] }),
        );
        const first = await reader.listRejections({ after: null, limit: 1 });
        const rest = await reader.listRejections({ after: first[0]?.id ?? null, limit: 9 });
        seen.push(
          [...first, ...rest]
            .sort(byEntity)
            .map(({ feed, entityId, stage, payload }) => [feed, entityId, stage, payload]),
        );
      });
      expect(seen).toEqual([
        ["72", "73", "74"],
        "74",
        "7",
        "9007199254740993",
        [["7", 4, false]],
        ["73"],
        [
          ["customers", "8", "structure", '{"id":8}'],
          ["customers", "unknown-1", "record", '{"id":unknown-1}'],
        ],
      ]);
    });

    it("deletes what `decide` returns, and nothing else", async () => {
      const { tenant, run } = await deliverTwo();
      await run.end();
      expect(await erase(tenant)).toEqual({ entities: 5, rejections: 0 });
      expect(await idsOf(tenant)).toEqual({
        customers: ["8"],
        "customer-contacts": ["80"],
        locations: ["81"],
        invoices: ["82"],
      });
      const { scope } = tenant;
      expect(
        await fixture.storage.findEntitiesByLink({ scope, feed: "invoices", link: "customer", ids: ["7"] }),
      ).toEqual([]);
    });

    it("continues after an attempt inside it fails", async () => {
      const { tenant, run } = await deliverTwo();
      await run.end();
      const refused = new Error("refused");
      const erased = await fixture.storage.eraseCustomer({
        scope: tenant.scope,
        async decide(_transaction, _reader, attempt) {
          await expect(attempt(() => Promise.reject(refused))).rejects.toBe(refused);
          return { ...nothing, entities: seven };
        },
      });
      expect(erased.entities).toBe(5);
    });

    it("leaves only the revision of a withdrawn record", async () => {
      const { tenant, run } = await deliverTwo();
      await run.end();
      const removals = [
        { record: "member", id: "7", revision: 5 },
        { record: "invoice", id: "72", revision: 5 },
      ] as const;
      await erase(tenant, { removals });
      const { scope } = tenant;
      expect(
        await fixture.storage.findDeliveredRecords({ scope, record: "member", ids: ["7", "8"] }),
      ).toEqual([
        { id: "7", contentHash: null, revision: 5, removed: true },
        expect.objectContaining({ id: "8", revision: 4, removed: false }),
      ]);
      const current = await fixture.storage.listRecords(
        { record: "invoice", companyId: scope.companyId },
        { limit: 9 },
      );
      expect(current.items.map((item) => item.id)).toEqual(["73", "82"]);
    });

    it("deletes its rejections and the given ones, and drops the payloads of others", async () => {
      const { tenant, run } = await deliverTwo();
      await run.land({
        rejections: [
          rejectionOf("7", { stage: "structure" }),
          rejectionOf("8", { stage: "structure" }),
          rejectionOf("unknown-1", { feed: "customer-contacts", stage: "structure" }),
          rejectionOf("unknown-2", { feed: "customer-contacts", stage: "structure" }),
          rejectionOf("72", { feed: "invoices" }),
        ],
      });
      await run.end();
      const idOf = new Map((await tenant.rejections()).map((row) => [row.entityId, row.id]));
      const ids = (entityId: string) => [idOf.get(entityId) ?? ""];
      const counts = await erase(tenant, { rejections: ids("unknown-1"), emptied: ids("unknown-2") });
      expect(counts.rejections).toBe(4);
      expect((await tenant.rejections()).map((row) => [row.entityId, row.payload]).sort()).toEqual([
        ["8", '{"id":8}'],
        ["unknown-2", null],
      ]);
    });

    it("removes its keys from the work queue", async () => {
      const { tenant, run } = await deliverTwo();
      await run.land({ entities: [entity("7", "second"), entity("8", "second")] });
      await run.end("paused");
      await erase(tenant);
      const where = { scope: tenant.scope, feed: "customers", after: null, limit: 9 } as const;
      expect(await fixture.storage.listPendingIds({ ...where, record: "member" })).toEqual(["8"]);
      expect(await fixture.storage.listPendingIds({ ...where, record: "invoice" })).toEqual(["8"]);
    });

    it("removes its keys from the work queue of a record type that a host defined", async () => {
      const { tenant, run } = await deliverTwo();
      await run.land({
        entities: [entity("7", "second"), entity("8", "second")],
        touches: [{ record: "estimate", feed: "customers", link: null }],
      });
      await run.end("paused");
      const where = {
        scope: tenant.scope,
        record: "estimate",
        feed: "customers",
        after: null,
        limit: 9,
      } as const;
      expect(await fixture.storage.listPendingIds(where)).toEqual(["7", "8"]);
      await erase(tenant);
      expect(await fixture.storage.listPendingIds(where)).toEqual(["8"]);
    });

    it("queues records of other customers, to be derived again", async () => {
      const { tenant, run } = await deliverTwo();
      await run.clearWorkQueue("invoice");
      await run.end();
      await erase(tenant, {
        requeued: ["82", "9"].map((id) => ({ record: "invoice", feed: "invoices", id })),
      });
      const again = await tenant.begin();
      expect(await again.claimIds({ record: "invoice" })).toEqual(["9", "82"]);
    });

    it("replaces stored batches in place and adds others at the end", async () => {
      const { tenant, run } = await deliverTwo();
      await run.stage("first", "with personal data");
      await run.stage("second", "of somebody else");
      await run.end("failed");
      const seen: unknown[] = [];
      const batches = [
        { id: "first", record: "member", content: "cleaned" },
        { id: "third", record: "member", content: "removals" },
      ] as const;
      await erase(tenant, { batches }, async (reader) => {
        seen.push(...(await reader.listStagedBatches()).map((batch) => batch.content));
      });
      expect(seen).toEqual(["with personal data", "of somebody else"]);
      const stored = async () =>
        (await fixture.storage.listStagedBatches(tenant.scope)).map(({ id, content }) => [id, content]);
      expect(await stored()).toEqual([
        ["first", "cleaned"],
        ["second", "of somebody else"],
        ["third", "removals"],
      ]);
      await fixture.storage.acknowledgeBatch({ scope: tenant.scope, batchId: "third" });
      await fixture.storage.acknowledgeBatch({ scope: tenant.scope, batchId: "unknown" });
      expect((await stored()).map(([id]) => id)).toEqual(["first", "second"]);
    });

    it("is refused while a run is in progress, and names the run", async () => {
      const { tenant, run } = await deliverTwo();
      const refused = erase(tenant);
      await expect(refused).rejects.toBeInstanceOf(ConflictError);
      await expect(refused).rejects.toMatchObject({ runId: run.run.id });
      expect((await idsOf(tenant))["customers"]).toEqual(["7", "8"]);
    });

    it("does not wait for a run whose owner is dead, which can no longer write", async () => {
      const { tenant, run } = await deliverTwo();
      await fixture.expireLease(run.lease);
      expect(await erase(tenant)).toMatchObject({ entities: 5 });
      await expect(run.land({ entities: [entity("7", "late")] })).rejects.toBeInstanceOf(LeaseLostError);
      const again = await tenant.begin();
      expect(again.resumed).toBe(true);
      expect(await again.land({ entities: [entity("7", "back")] })).toMatchObject({ landed: 1 });
    });

    it("changes nothing when the decision fails", async () => {
      const { tenant, run } = await deliverTwo();
      await run.end();
      const failing = erase(tenant, { suppress: { customer: "c", rows: ["c"] } }, async () => {
        throw new TypeError("the sink is down");
      });
      await expect(failing).rejects.toThrow("the sink is down");
      expect((await idsOf(tenant))["invoices"]).toEqual(["72", "73", "82"]);
      const { scope } = tenant;
      expect(await fixture.storage.listSuppressedRows({ scope, after: null, limit: 9 })).toEqual([]);
      await (await tenant.begin()).end();
    });

    it("finds nothing the second time, and nothing of an unknown tenant", async () => {
      const { tenant, run } = await deliverTwo();
      await run.end();
      await erase(tenant);
      const none = { entities: 0, rejections: 0 };
      expect(await erase(tenant)).toEqual(none);
      expect(await erase(await fixture.newTenant())).toEqual(none);
    });

    it("does not change the same customer in another environment", async () => {
      const { tenant, run } = await deliverTwo();
      await run.end();
      const other = await fixture.newTenant({
        companyId: tenant.scope.companyId,
        environment: "integration",
        tenantId: tenant.scope.tenantId,
      });
      const otherRun = await other.begin();
      await otherRun.land({ entities: [entity("7")] });
      expect(await erase(tenant)).toMatchObject({ entities: 5 });
      expect((await idsOf(other))["customers"]).toEqual(["7"]);
      await otherRun.end();
      expect(await fixture.storage.listTenants(tenant.scope.companyId)).toEqual([
        { scope: other.scope, credentialId: other.credential.id },
        { scope: tenant.scope, credentialId: tenant.credential.id },
      ]);
      expect(await fixture.storage.listTenants("nobody")).toEqual([]);
    });
  });
}
