import { describe, expect, it } from "vitest";
import { memoryStorage } from "../memory/memory-storage.js";
import { manualClock } from "../testing/manual-clock.js";
import { checkAlerts } from "./__fixtures__/alerts-property.js";
import { conditionAt, observationOf } from "./__fixtures__/observed.js";
import { type AlertChannel, advanceAlerts } from "./advance-alerts.js";
import type { AlertMessage } from "./alert-message.js";
import type { AlertCondition, Observation } from "./observation.js";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Ticks of one evaluator on a storage in memory, and the messages that they caused. */
function createWorld(channels: readonly AlertChannel[] = [{ channel: "pager", level: 0 }]) {
  const clock = manualClock(Date.UTC(2026, 0, 1));
  const storage = memoryStorage({ clock });
  const told: AlertMessage[] = [];
  const toldTo: string[] = [];
  let lastId = 0;
  async function tick(
    conditions: readonly AlertCondition[],
    given: Partial<Observation> = {},
  ): Promise<void> {
    clock.advance(minuteMs);
    const stored = await storage.readAlerts({ incidentsSince: 0 });
    const seen = { ...observationOf(stored.now, conditions), ...given };
    const newId = (): string => {
      lastId += 1;
      return `i-${lastId}`;
    };
    const options = { channels, escalateMs: hourMs, newId, linkTo: () => "https://sync.example/alerts" };
    const next = advanceAlerts(stored, seen, options);
    await storage.commitAlertTick({ ...next, expectedRevision: stored.revision });
    for (const { body, channel, key } of next.messages) {
      toldTo.push(`${channel} ${key}`);
      if (channel === channels[0]?.channel) told.push(JSON.parse(body) as AlertMessage);
    }
  }
  return {
    ...{ clock, storage, told, toldTo },
    /** Ticks for so many minutes. */
    async pass(minutes: number, conditions: readonly AlertCondition[], given?: Partial<Observation>) {
      for (let minute = 0; minute < minutes; minute += 1) await tick(conditions, given);
    },
    titles: () => told.map(({ title }) => title),
  };
}

const companies = (count: number, given: Partial<AlertCondition> = {}): readonly AlertCondition[] =>
  Array.from({ length: count }, (_, n) =>
    conditionAt(0, { subject: `c-${n}`, since: Date.UTC(2026, 0, 1), ...given }),
  );

describe("alerts", () => {
  it("report 40 companies that fail at once in one message, and their recovery in one", async () => {
    const { pass, told } = createWorld();
    const conditions = companies(40);
    await pass(1, conditions.slice(0, 25));
    await pass(120, conditions);
    await pass(1, conditions.slice(0, 10));
    await pass(600, []);
    expect(told.map(({ type, title }) => [type, title])).toEqual([
      ["firing", "40 of 40 companies: the API does not answer"],
      ["recovered", "Over after 2 hours 5 minutes: 40 of 40 companies: the API does not answer"],
    ]);
    expect(told[0]).toMatchObject({
      affected: 40,
      severity: "warning",
      incidentId: "i-1",
      key: "i-1_firing",
    });
    expect(told[0]?.companies).toHaveLength(20);
    expect(told[0]?.lines[0]).toBe("company of c-0: failed syncs 3");
    expect(told[0]?.advice).toContain("error of the last run");
    expect(told[1]?.advice).toBe("");
  });

  it("are over together: when the last of an incident has recovered", async () => {
    const { pass, told } = createWorld();
    await pass(10, companies(3));
    await pass(30, companies(1));
    expect(told.map(({ type }) => type)).toEqual(["firing"]);
    await pass(10, companies(2));
    await pass(10, []);
    expect(told.map(({ type, affected }) => [type, affected])).toEqual([
      ["firing", 3],
      ["recovered", 3],
    ]);
  });

  it("report a part of the platform at once, and nothing that was over before it was announced", async () => {
    const { pass, titles } = createWorld();
    await pass(1, companies(1));
    await pass(5, []);
    expect(titles()).toEqual([]);
    await pass(1, [
      conditionAt(0, { kind: "no-worker", subject: "workers", companyId: null, cause: "no-worker" }),
    ]);
    expect(titles()).toEqual(["No worker is running"]);
  });

  it("report another cause, and the same one later, in other messages, but no more than three alike in half an hour", async () => {
    const { pass, told } = createWorld();
    const all = companies(12);
    await pass(3, [...all.slice(0, 1), conditionAt(0, { subject: "other", cause: "SINK" })]);
    expect(told).toHaveLength(2);
    for (let count = 2; count <= 9; count += 1) await pass(3, all.slice(0, count));
    const alike = told.filter(({ title }) => title.includes("API"));
    expect(alike.map(({ affected }) => affected)).toEqual([1, 1, 1]);
    await pass(30, all);
    const later = told.filter(({ title }) => title.includes("API"));
    expect(later.reduce((sum, { affected }) => sum + affected, 0)).toBe(12);
    expect(later.length).toBeLessThan(7);
  });

  it("are quiet while they flap, and longer each time", async () => {
    const { pass, told } = createWorld();
    const condition = companies(1);
    for (let round = 0; round < 60; round += 1) {
      await pass(4, condition);
      await pass(4, []);
    }
    // Eight hours of changes every four minutes.
    expect(told.length).toBeLessThanOrEqual(4);
    await pass(600, []);
    expect(told.at(-1)?.type).toBe("recovered");
  });

  it("remind each day, say that it became critical once, and escalate until somebody acknowledges it", async () => {
    const { pass, told, toldTo, storage } = createWorld([
      { channel: "pager", level: 0 },
      { channel: "boss", level: 1 },
      { channel: "owner", level: 2 },
    ]);
    await pass(30, companies(1));
    await pass(61, companies(1, { severity: "critical" }));
    await storage.acknowledgeIncident({ incidentId: "i-1", actor: "ann" });
    await pass(49 * 60, companies(1, { severity: "critical" }));
    expect(told.map(({ type }) => type)).toEqual(["firing", "worse", "escalation", "reminder", "reminder"]);
    expect(toldTo.filter((to) => to.startsWith("boss"))).toEqual([
      "boss i-1_escalation_1",
      "boss i-1_reminder_1",
      "boss i-1_reminder_2",
    ]);
    expect(toldTo.some((to) => to.startsWith("owner"))).toBe(false);
    expect(new Set(toldTo).size).toBe(toldTo.length);
  });

  it("hold back what something else explains, and give it half an hour once that is over", async () => {
    const { pass, titles } = createWorld();
    const platform = conditionAt(0, { kind: "no-worker", subject: "workers", companyId: null, cause: "x" });
    const late = companies(40, { kind: "late", cause: "late" });
    await pass(60, [platform, ...late.map((condition) => ({ ...condition, isExplained: true }))]);
    expect(titles()).toEqual(["No worker is running"]);
    await pass(29, late);
    expect(titles()).toHaveLength(2);
    await pass(10, late.slice(0, 3));
    expect(titles().slice(2)).toEqual(["3 of 40 companies: no sync has completed in time"]);
  });

  it("are silent until the end of a silence, and are then announced if they go on", async () => {
    const { pass, titles, storage, clock } = createWorld();
    const until = clock.now() + hourMs;
    const silence = { id: "s-1", kind: "failing", companyId: null, until, reason: "moving", actor: "ann" };
    await storage.addSilence(silence);
    await pass(59, companies(2));
    expect(titles()).toEqual([]);
    await pass(3, companies(2));
    expect(titles()).toEqual(["2 of 40 companies: the API does not answer"]);
  });

  it("stay as they are while nobody can tell whether their condition holds", async () => {
    const { pass, told, storage } = createWorld();
    await pass(10, companies(1));
    await pass(600, [], { isUnknown: () => true });
    expect(told.map(({ type }) => type)).toEqual(["firing"]);
    const { alerts } = await storage.readAlerts({ incidentsSince: 0 });
    expect(alerts.map(({ state }) => state)).toEqual(["firing"]);
  });

  it("are forgotten a day after they have recovered", async () => {
    const { pass, storage } = createWorld();
    await pass(10, companies(1));
    await pass(23 * 60, []);
    expect((await storage.readAlerts({ incidentsSince: 0 })).alerts).toHaveLength(1);
    await pass(70, []);
    expect((await storage.readAlerts({ incidentsSince: 0 })).alerts).toEqual([]);
  });

  it.each([1, 2, 3])(
    "lose and double nothing, whoever is killed when (seed %i)",
    async (seed) => {
      let state = seed;
      const next = (): number => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        return (state >>> 8) / 2 ** 24;
      };
      const integer = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
      await checkAlerts({ dice: { integer }, steps: 600 });
    },
    60_000,
  );
});
