import { describe, expect, it } from "vitest";
import type { AuditEntry } from "../../ports/audit-log.js";
import type { StorageFixture } from "./storage-fixture.js";
import { randomCompanyId, readAll } from "./tenant-under-test.js";

function entry(companyId: string, given: Partial<AuditEntry> = {}): AuditEntry {
  return {
    actor: "user-1",
    action: "credential:create",
    subject: "credential-1",
    companyId,
    outcome: "success",
    requestId: "request-1",
    details: { clientId: "cid.…abcd", fields: ["clientId"], attempts: 2 },
    ...given,
  };
}

/** What was done by whom. */
export function describeAuditLog(fixture: StorageFixture): void {
  describe("audit log", () => {
    it("keeps entries and when they were added", async () => {
      const companyId = randomCompanyId();
      await fixture.storage.appendAudit(entry(companyId, { outcome: "denied" }));
      const { items, next } = await fixture.storage.listAudit({ companyId }, { limit: 5 });
      expect(next).toBeNull();
      expect(items).toHaveLength(1);
      expect(items[0]).toMatchObject(entry(companyId, { outcome: "denied" }));
      expect(items[0]?.at).toBeGreaterThan(0);
      expect(items[0]?.id).not.toBe("");
    });

    it("accepts entries without a request", async () => {
      const companyId = randomCompanyId();
      const { requestId, ...without } = entry(companyId);
      await fixture.storage.appendAudit(without);
      const { items } = await fixture.storage.listAudit({ companyId }, { limit: 5 });
      expect(items[0]?.requestId ?? null).toBeNull();
    });

    it("lists a company's entries newest first, page by page", async () => {
      const companyId = randomCompanyId();
      for (const subject of ["1", "2", "3", "4", "5"]) {
        await fixture.storage.appendAudit(entry(companyId, { subject }));
        await fixture.storage.appendAudit(entry(randomCompanyId(), { subject: "other" }));
        await fixture.passTime(2);
      }
      for (const limit of [1, 2, 5, 6]) {
        const listed = await readAll((page) => fixture.storage.listAudit({ companyId }, page), limit);
        expect(listed.map((stored) => stored.subject)).toEqual(["5", "4", "3", "2", "1"]);
        expect(new Set(listed.map((stored) => stored.id)).size).toBe(5);
      }
    });

    it("lists the entries of several companies, and nothing for an empty list", async () => {
      const companyIds = [randomCompanyId(), randomCompanyId()];
      for (const companyId of [...companyIds, randomCompanyId()]) {
        await fixture.storage.appendAudit(entry(companyId));
      }
      const listed = async (ids: readonly string[]) =>
        (await fixture.storage.listAudit({ companyIds: ids }, { limit: 9 })).items.map(
          (item) => item.companyId,
        );
      expect(await listed(companyIds)).toEqual([...companyIds].reverse());
      expect(await listed([])).toEqual([]);
    });

    it("lists all companies' entries without a filter", async () => {
      const companyId = randomCompanyId();
      await fixture.storage.appendAudit(entry(companyId));
      const { items } = await fixture.storage.listAudit({}, { limit: 1 });
      expect(items[0]?.companyId).toBe(companyId);
    });
  });
}
