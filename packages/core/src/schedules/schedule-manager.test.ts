import { expect, it } from "vitest";
import { createSimulatedManager } from "../__fixtures__/simulated-manager.js";
import { createAuditor } from "../audit/auditor.js";
import { shippedCatalog } from "../records/definitions/definitions.js";
import { createScheduleManager } from "./schedule-manager.js";

async function setUp({ timeZone = "America/Denver" } = {}) {
  const { manager, storage, clock, logger, input, auditTrail } = createSimulatedManager();
  const { id } = await manager.create(input);
  const schedules = createScheduleManager({
    catalog: shippedCatalog,
    store: storage,
    company: async () => ({ trade: "HVAC", timeZone }),
    clock,
    auditor: createAuditor(storage, logger),
  });
  return { schedules, id, clock, auditTrail, storage };
}

it("saves a schedule with defaults and its next run, and replaces it", async () => {
  const { schedules, id, clock } = await setUp();
  const saved = await schedules.save(id, { cron: "@daily" });
  expect(saved).toMatchObject({
    cron: "0 0 * * *",
    every: null,
    timeZone: "America/Denver",
    window: null,
    quietDays: [],
    data: "both",
    fullEvery: "7d",
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

it("records who saved and removed it", async () => {
  const { schedules, id, auditTrail } = await setUp();
  await schedules.save(id, { cron: "@daily" }, { actor: "ann", requestId: "r1" });
  expect(await schedules.remove(id, { actor: "bob" })).toBe(true);
  expect(await schedules.remove(id)).toBe(false);
  expect((await auditTrail()).filter((entry) => entry.action.startsWith("schedule:"))).toMatchObject([
    { action: "schedule:save", actor: "ann", subject: id, requestId: "r1", details: { revision: 1 } },
    { action: "schedule:remove", actor: "bob", subject: id },
  ]);
});

it("lists all problems at once", async () => {
  const { schedules, id } = await setUp();
  const input = {
    cron: "often",
    every: "30s",
    timeZone: "EST",
    window: "22:00",
    quietDays: ["2026-13-01"],
    data: "all" as never,
    fullEvery: "1m",
  };
  await expect(schedules.save(id, input)).rejects.toMatchObject({
    code: "DATA_VALIDATION",
    issues: [
      expect.stringMatching(/^cron, every: /),
      expect.stringMatching(/^cron: /),
      expect.stringMatching(/^every: /),
      expect.stringMatching(/^timeZone: /),
      expect.stringMatching(/^window: /),
      expect.stringMatching(/^quietDays\.0: /),
      expect.stringMatching(/^data: /),
      expect.stringMatching(/^fullEvery: /),
    ],
  });
  await expect(schedules.save("unknown", { cron: "@daily" })).rejects.toMatchObject({
    code: "DATA_VALIDATION",
  });
});

it.each([
  ["neither cron nor every", {}, "cron, every: expected exactly one"],
  ["a cron that never comes", { cron: "0 0 31 2 *" }, "cron: it never comes"],
  ["an interval that is too short", { every: "59s" }, "every: expected a duration from 1m to 31d"],
  ["an interval that is too long", { every: "32d" }, "every: expected a duration from 1m to 31d"],
  ["an abbreviation", { cron: "@daily", timeZone: "EST" }, "timeZone: expected the IANA name of a region"],
  ["a rule without a region", { cron: "@daily", timeZone: "CST6CDT" }, "timeZone: expected the IANA name"],
  ["an offset", { cron: "@daily", timeZone: "+05:00" }, "timeZone: expected the IANA name of a region"],
  ["an offset in disguise", { cron: "@daily", timeZone: "Etc/GMT+5" }, "timeZone: expected the IANA name"],
  ["a country", { cron: "@daily", timeZone: "Japan" }, "timeZone: expected the IANA name of a region"],
  ["an empty window", { cron: "@daily", window: "05:00-05:00" }, "window: expected two different times"],
  ["a window that no start meets", { cron: "@daily", window: "01:00-05:00" }, "window: no start of this"],
])("refuses %s", async (_, input, message) => {
  const { schedules, id } = await setUp();
  await expect(schedules.save(id, input)).rejects.toThrow(message);
  expect(await schedules.find(id)).toBeNull();
});

it.each(["America/Chicago", "Asia/Kolkata", "America/Argentina/Ushuaia", "US/Central", "UTC"])(
  "takes the time zone %s",
  async (timeZone) => {
    const { schedules, id } = await setUp();
    expect(await schedules.save(id, { every: "1h", timeZone })).toMatchObject({ timeZone });
  },
);

it("starts nothing when saved or enabled, and keeps a start that waits for its jitter", async () => {
  const { schedules, id, clock } = await setUp();
  const saved = await schedules.save(id, { cron: "0 3 * * *" });
  const { nextNominalAt: nominalAt = null, nextRunAt: runAt = null } = saved;
  if (nominalAt === null || runAt === null) throw new Error("Nothing is due.");
  expect(runAt).toBeGreaterThan(nominalAt);
  await clock.advance(runAt - 1 - clock.now());
  const next = { nextNominalAt: nominalAt, nextRunAt: runAt };
  expect(await schedules.save(id, { cron: "0 3 * * *", data: "invoices" })).toMatchObject(next);
  const tomorrow = { nextNominalAt: nominalAt + 24 * 3_600_000 };
  const { revision } = await schedules.save(id, { cron: "0 3 * * *", enabled: false });
  expect(await schedules.save(id, { cron: "0 3 * * *" })).toMatchObject({
    ...tomorrow,
    revision: revision + 1,
  });
});

it("could not be saved again when it could not be read, although that is what mends it", async () => {
  const { schedules, id, storage, clock } = await setUp();
  const saved = await schedules.save(id, { cron: "@daily" });
  await storage.saveSchedule({
    schedule: { ...saved, timeZone: "America/Atlantis" },
    expectedRevision: saved.revision,
    decided: [],
  });
  await clock.advance(3 * 24 * 3_600_000);
  expect(await schedules.save(id, { cron: "@daily" })).toMatchObject({
    timeZone: "America/Denver",
    revision: 3,
  });
});
