import { expect, it } from "vitest";
import { createSimulatedManager } from "../__fixtures__/simulated-manager.js";
import { createAuditor } from "../audit/auditor.js";
import { shippedCatalog } from "../records/definitions/definitions.js";
import { createScheduleManager } from "./schedule-manager.js";

/** Three companies, of which the first two have schedules. */
async function setUp() {
  const { manager, storage, clock, logger, input } = createSimulatedManager();
  const ids: string[] = [];
  for (const companyId of ["acme", "beta", "gamma"])
    ids.push((await manager.create({ ...input, companyId })).id);
  const schedules = createScheduleManager({
    catalog: shippedCatalog,
    store: storage,
    company: async (id) => ({ trade: "HVAC", timeZone: id === "beta" ? "Asia/Tokyo" : "America/Denver" }),
    clock,
    auditor: createAuditor(storage, logger),
  });
  const [acme = "", beta = "", gamma = ""] = ids;
  await schedules.save(acme, { cron: "0 3 * * *", quietDays: ["2099-12-25"] });
  await schedules.save(beta, { every: "6h", enabled: false });
  return { schedules, storage, acme, beta, gamma };
}

const none = { created: 0, changed: 0, unchanged: 0, withoutSchedule: 0, changedMeanwhile: 0 };

it("changes only what is given, and creates schedules where it says when to start", async () => {
  const { schedules, acme, beta, gamma } = await setUp();
  const changes = { window: "22:00-05:00", data: "invoices" };
  expect(await schedules.changeMany({ changes, dryRun: true })).toEqual({
    ...none,
    selected: 3,
    changed: 2,
    withoutSchedule: 1,
  });
  expect(await schedules.find(acme)).toMatchObject({ window: null, revision: 1 });
  expect(await schedules.changeMany({ changes })).toMatchObject({ changed: 2, withoutSchedule: 1 });
  expect(await schedules.find(acme)).toMatchObject({
    cron: "0 3 * * *",
    ...changes,
    quietDays: ["2099-12-25"],
  });
  expect(await schedules.find(beta)).toMatchObject({
    every: "6h",
    ...changes,
    enabled: false,
    nextRunAt: null,
  });
  expect(await schedules.find(gamma)).toBeNull();
  expect(await schedules.changeMany({ changes })).toMatchObject({ changed: 0, unchanged: 2 });

  const cron = { changes: { cron: "0 23 * * *" } };
  expect(await schedules.changeMany(cron)).toEqual({ ...none, selected: 3, created: 1, changed: 2 });
  expect(await schedules.find(beta)).toMatchObject({
    cron: "0 23 * * *",
    every: null,
    timeZone: "Asia/Tokyo",
  });
  expect(await schedules.find(gamma)).toMatchObject({ cron: "0 23 * * *", timeZone: "America/Denver" });
  expect(
    await schedules.changeMany({ filter: { companyId: "beta" }, changes: { enabled: true } }),
  ).toMatchObject({
    selected: 1,
    changed: 1,
  });
});

it("changes nothing when one of the schedules would be invalid", async () => {
  const { schedules, acme, beta } = await setUp();
  // Acme starts at 03:00.
  const outside = { window: "04:00-22:00", fullEvery: "30d" };
  await expect(schedules.changeMany({ changes: outside })).rejects.toThrow(
    /window: no start .*\(company acme\)/,
  );
  await expect(schedules.changeMany({ changes: { timeZone: "EST" } })).rejects.toThrow(
    "(company acme and 1 more)",
  );
  for (const id of [acme, beta])
    expect(await schedules.find(id)).toMatchObject({ revision: 1, fullEvery: "7d" });
});

it("lets what somebody else saved meanwhile stand", async () => {
  const { schedules, storage, acme } = await setUp();
  const listed = storage.findSchedule;
  storage.findSchedule = async (id) => {
    const found = await listed(id);
    storage.findSchedule = listed;
    if (found !== null)
      await storage.saveSchedule({ schedule: { ...found, cron: "7 7 * * *" }, expectedRevision: 1 });
    return found;
  };
  expect(
    await schedules.changeMany({ filter: { companyId: "acme" }, changes: { data: "invoices" } }),
  ).toMatchObject({
    changed: 0,
    changedMeanwhile: 1,
  });
  expect(await schedules.find(acme)).toMatchObject({ cron: "7 7 * * *", data: "both" });
});

it("proposes a nightly schedule in the company's zone, and saves none", async () => {
  const { schedules, gamma } = await setUp();
  const proposed = await schedules.propose("gamma");
  expect(proposed).toEqual({ cron: "0 2 * * *", timeZone: "America/Denver", data: "both", fullEvery: "7d" });
  expect(await schedules.find(gamma)).toBeNull();
  expect(await schedules.save(gamma, proposed)).toMatchObject({ timeZone: "America/Denver", enabled: true });
});
