import { describe, expect, it } from "vitest";
import { ConflictError } from "../../errors.js";
import type { Schedule } from "../../ports/schedule-store.js";
import type { StorageFixture } from "./storage-fixture.js";
import { randomCompanyId, readAll, type TenantUnderTest } from "./tenant-under-test.js";

/** Schedules are edited by people and moved on by processes, both without overwriting each other. */
export function describeScheduleStore(fixture: StorageFixture): void {
  describe("schedules", () => {
    const scheduleOf = ({ credential }: TenantUnderTest, given: Partial<Schedule> = {}): Schedule => ({
      credentialId: credential.id,
      cron: "0 3 * * 1",
      every: null,
      timeZone: "America/Chicago",
      window: null,
      quietDays: ["2026-12-25"],
      data: "both",
      fullEvery: "7d",
      enabled: true,
      nextNominalAt: null,
      nextRunAt: null,
      decidedUntil: 1_000_000_000_000,
      ...given,
    });

    /** Due at a time, `jitter` milliseconds after its nominal instant. */
    const dueAt = (runAt: number, jitter = 0): Partial<Schedule> => ({
      nextNominalAt: runAt - jitter,
      nextRunAt: runAt,
    });

    const save = (schedule: Schedule, expectedRevision: number | null = null) =>
      fixture.storage.saveSchedule({ schedule, expectedRevision });

    const find = ({ credential }: TenantUnderTest) => fixture.storage.findSchedule(credential.id);

    it("keeps everything that was saved, with the credential's company", async () => {
      const tenant = await fixture.newTenant();
      expect(await find(tenant)).toBeNull();
      const schedule = scheduleOf(tenant, dueAt(4_102_444_800_123, 660_001));
      const saved = await save(schedule);
      expect(saved).toMatchObject({ ...schedule, companyId: tenant.scope.companyId, revision: 1 });
      expect(saved.createdAt).toBe(saved.updatedAt);
      expect(await find(tenant)).toEqual(saved);
    });

    it("replaces the one that was read, and increases its revision", async () => {
      const tenant = await fixture.newTenant();
      const first = await save(scheduleOf(tenant));
      const changed = scheduleOf(tenant, {
        cron: null,
        every: "15m",
        timeZone: "Pacific/Apia",
        window: "22:00-05:00",
        quietDays: [],
        data: "invoices",
        fullEvery: null,
        enabled: false,
      });
      const second = await save(changed, 1);
      expect(second).toMatchObject({ ...changed, revision: 2, createdAt: first.createdAt });
      expect(await find(tenant)).toEqual(second);
    });

    it("does not overwrite another change", async () => {
      const tenant = await fixture.newTenant();
      await expect(save(scheduleOf(tenant), 1)).rejects.toBeInstanceOf(ConflictError);
      expect(await find(tenant)).toBeNull();
      await save(scheduleOf(tenant));
      await expect(save(scheduleOf(tenant))).rejects.toBeInstanceOf(ConflictError);
      await save(scheduleOf(tenant, { cron: "5 5 * * *" }), 1);
      await expect(save(scheduleOf(tenant), 1)).rejects.toBeInstanceOf(ConflictError);
      expect(await find(tenant)).toMatchObject({ cron: "5 5 * * *", revision: 2 });
    });

    it("is saved by exactly one of two simultaneous calls", async () => {
      const tenant = await fixture.newTenant();
      await save(scheduleOf(tenant));
      const outcomes = await Promise.allSettled([
        save(scheduleOf(tenant, { cron: "1 1 * * *" }), 1),
        save(scheduleOf(tenant, { cron: "2 2 * * *" }), 1),
      ]);
      expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(["fulfilled", "rejected"]);
      expect(await find(tenant)).toMatchObject({ revision: 2 });
    });

    it("is refused for an unknown credential", async () => {
      const tenant = await fixture.newTenant();
      const schedule = scheduleOf(tenant, { credentialId: "nobody" });
      await expect(save(schedule)).rejects.toBeInstanceOf(ConflictError);
    });

    it("is removed once, and only as it was read", async () => {
      const tenant = await fixture.newTenant();
      const credentialId = tenant.credential.id;
      await save(scheduleOf(tenant));
      const stale = fixture.storage.removeSchedule({ credentialId, expectedRevision: 7 });
      await expect(stale).rejects.toBeInstanceOf(ConflictError);
      expect(await fixture.storage.removeSchedule({ credentialId, expectedRevision: 1 })).toBe(true);
      expect(await fixture.storage.removeSchedule({ credentialId, expectedRevision: 1 })).toBe(false);
      expect(await fixture.storage.removeSchedule({ credentialId })).toBe(false);
      expect(await save(scheduleOf(tenant))).toMatchObject({ revision: 1 });
    });

    it("is removed with its credential", async () => {
      const tenant = await fixture.newTenant();
      await save(scheduleOf(tenant));
      await fixture.storage.removeCredential({ id: tenant.credential.id, withData: false });
      expect(await find(tenant)).toBeNull();
    });

    it("does not come back with a later credential of the same id", async () => {
      const tenant = await fixture.newTenant();
      const { id, companyId, environment, tenantId } = tenant.credential;
      await save(scheduleOf(tenant));
      await fixture.storage.removeCredential({ id, withData: false });
      const secrets = { clientId: "1", clientSecret: "2", appKey: "3" };
      const later = { id, companyId, environment, tenantId, ...secrets, status: "pending" } as const;
      await fixture.storage.createCredential(later);
      expect(await find(tenant)).toBeNull();
    });

    it("is listed by company, page by page", async () => {
      const companyId = randomCompanyId();
      const tenants = [
        await fixture.newTenant({ companyId, environment: "production" }),
        await fixture.newTenant({ companyId, environment: "integration" }),
        await fixture.newTenant(),
      ];
      for (const tenant of tenants) await save(scheduleOf(tenant));
      const [first, second, other] = tenants.map((tenant) => tenant.credential.id);
      const ids = async (filter: Parameters<typeof fixture.storage.listSchedules>[0]) =>
        (await readAll((page) => fixture.storage.listSchedules(filter, page), 1)).map(
          (schedule) => schedule.credentialId,
        );
      expect(await ids({ companyId })).toEqual([first, second].sort());
      const otherCompany = tenants[2]?.scope.companyId ?? "";
      expect(await ids({ companyIds: [otherCompany, "nobody"] })).toEqual([other]);
      expect(await ids({ companyIds: [] })).toEqual([]);
      expect(await ids({ companyId, companyIds: [otherCompany] })).toEqual([]);
    });
  });
}
