import { describe, expect, it } from "vitest";
import type { StoredSchedule } from "../ports/schedule-store.js";
import { scheduleJson } from "./schedule-json.js";
import { scheduleProblem } from "./schedule-problem.js";
import { upcomingStarts } from "./upcoming-starts.js";

const now = Date.UTC(2026, 5, 10);

const nightly: StoredSchedule = {
  credentialId: "c-1",
  companyId: "acme",
  cron: "0 2 * * *",
  every: null,
  timeZone: "America/Chicago",
  window: null,
  quietDays: [],
  enabled: true,
  data: "both",
  fullEvery: null,
  nextNominalAt: now,
  decidedUntil: 0,
  nextRunAt: now,
  revision: 1,
  createdAt: now,
  updatedAt: now,
};

describe("a stored schedule that cannot be read", () => {
  it.each([
    [
      "a time zone that this runtime does not know",
      { timeZone: "America/Atlantis" },
      /time zone America\/Atlantis/,
    ],
    ["the same with an interval", { timeZone: "Nowhere", cron: null, every: "1h" }, /time zone Nowhere/],
    ["times that no version understands", { cron: "every night" }, /cannot be read/],
    ["an interval that no version understands", { cron: null, every: "often" }, /every: expected/],
    ["any of these, disabled", { enabled: false, timeZone: "America/Atlantis" }, /America\/Atlantis/],
  ])("says why and what to do: %s", (_what, given, message) => {
    const broken = { ...nightly, ...given };
    expect(scheduleProblem(broken)).toMatchObject({
      message: expect.stringMatching(message),
      hint: expect.stringContaining("Save the schedule"),
    });
    expect(scheduleJson(broken, now)).toMatchObject({
      credentialId: "c-1",
      next: [],
      jitterMs: null,
      problem: { message: expect.stringMatching(message) },
    });
  });

  it("is none that starts", () => {
    expect(scheduleProblem(nightly)).toBeNull();
    expect(scheduleJson(nightly, now)).toMatchObject({ problem: null, jitterMs: expect.any(Number) });
    expect(upcomingStarts(nightly, now)).toHaveLength(5);
  });
});
