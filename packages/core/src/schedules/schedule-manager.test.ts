import { expect, it } from "vitest";
import { createSimulatedManager } from "../__fixtures__/simulated-manager.js";
import { createAuditor } from "../audit/auditor.js";
import { shippedCatalog } from "../records/definitions/definitions.js";
import { createScheduleManager } from "./schedule-manager.js";

async function setUp() {
  const { manager, storage, clock, logger, input, auditTrail } = createSimulatedManager();
  const { id } = await manager.create(input);
  const schedules = createScheduleManager({
    catalog: shippedCatalog,
    store: storage,
    clock,
    auditor: createAuditor(storage, logger),
  });
  return { schedules, id, clock, auditTrail };
}

it("saves a schedule with defaults and its next run, and replaces it", async () => {
  const { schedules, id, clock } = await setUp();
  const saved = await schedules.save(id, { cron: "@daily" });
  expect(saved).toMatchObject({
    cron: "0 0 * * *",
    timeZone: "UTC",
    data: "both",
    enabled: true,
    revision: 1,
  });
  expect(saved.nextRunAt).toBeGreaterThan(clock.now());
  expect(await schedules.save(id, { cron: "0  5 * * 1-5", data: "invoices" })).toMatchObject({
    cron: "0 5 * * 1-5",
    data: "invoices",
    revision: 2,
  });
  expect((await schedules.list({}, { limit: 5 })).items).toHaveLength(1);
});

it("lets one of two people who read the same revision save", async () => {
  const { schedules, id } = await setUp();
  await schedules.save(id, { cron: "@daily" }, { expectedRevision: null });
  await schedules.save(id, { cron: "@weekly" }, { expectedRevision: 1 });
  for (const expectedRevision of [null, 1]) {
    await expect(schedules.save(id, { cron: "@daily" }, { expectedRevision })).rejects.toMatchObject({
      code: "CONFLICT",
    });
  }
  await expect(schedules.remove(id, { expectedRevision: 1 })).rejects.toMatchObject({ code: "CONFLICT" });
});

it("notes who saved and removed it", async () => {
  const { schedules, id, auditTrail } = await setUp();
  await schedules.save(id, { cron: "@daily" }, { actor: "ann", requestId: "r1" });
  expect(await schedules.remove(id, { actor: "bob" })).toBe(true);
  expect(await schedules.remove(id)).toBe(false);
  expect((await auditTrail()).filter((entry) => entry.action.startsWith("schedule:"))).toMatchObject([
    { action: "schedule:save", actor: "ann", subject: id, requestId: "r1", details: { revision: 1 } },
    { action: "schedule:remove", actor: "bob", subject: id },
  ]);
});

it("tells every mistake at once", async () => {
  const { schedules, id } = await setUp();
  const input = { cron: "often", timeZone: "Mars", quietDays: ["2026-13-01"], data: "all" as never };
  await expect(schedules.save(id, input)).rejects.toMatchObject({
    code: "DATA_VALIDATION",
    issues: [
      expect.stringMatching(/^cron: /),
      expect.stringMatching(/^timeZone: /),
      expect.stringMatching(/^data: /),
      expect.stringMatching(/^quietDays\.0: /),
    ],
  });
  await expect(schedules.save("unknown", { cron: "@daily" })).rejects.toMatchObject({
    code: "DATA_VALIDATION",
  });
});
