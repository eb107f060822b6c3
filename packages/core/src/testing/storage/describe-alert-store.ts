import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { AlertIncident, AlertTick, StoredAlert } from "../../ports/alert-store.js";
import type { StorageFixture } from "./storage-fixture.js";
import { randomCompanyId, readAll } from "./tenant-under-test.js";

/** Alerts, their incidents and messages change together, by one evaluator at a time. */
export function describeAlertStore(fixture: StorageFixture): void {
  describe("alerts", () => {
    const at = Date.UTC(2026, 0, 5, 12);
    const alertOf = (given: Partial<StoredAlert> = {}): StoredAlert => ({
      kind: "failing",
      subject: randomUUID(),
      companyId: randomCompanyId(),
      state: "pending",
      severity: "warning",
      cause: "API_UNAVAILABLE",
      since: at,
      dueAt: at + 1,
      clearSince: null,
      recoveredAt: null,
      incidentId: null,
      flaps: 0,
      figures: { failures: 3, last: "NETWORK" },
      ...given,
    });
    const incidentOf = (given: Partial<AlertIncident> = {}): AlertIncident => ({
      id: randomUUID(),
      kind: "failing",
      cause: "API_UNAVAILABLE",
      severity: "warning",
      openedAt: at,
      closedAt: null,
      lastMessageAt: at,
      level: 0,
      acknowledgedAt: null,
      acknowledgedBy: null,
      companyIds: ["a", "b"],
      ...given,
    });
    const read = () => fixture.storage.readAlerts({ incidentsSince: at });
    const commit = async (tick: Partial<AlertTick>): Promise<boolean> => {
      const { revision } = await read();
      const empty = { alerts: [], removed: [], incidents: [], messages: [] };
      return await fixture.storage.commitAlertTick({ expectedRevision: revision, at, ...empty, ...tick });
    };
    const find = async (subject: string): Promise<StoredAlert | null> =>
      (await read()).alerts.find((alert) => alert.subject === subject) ?? null;

    it("stores every field of an alert, replaces it by kind and subject, and deletes it", async () => {
      const alert = alertOf();
      const other = alertOf({ kind: "late", subject: alert.subject, companyId: null, figures: {} });
      await commit({ alerts: [alert, other] });
      const stored = (await read()).alerts.filter(({ subject }) => subject === alert.subject);
      expect(stored).toEqual([alert, other]);
      const changed = alertOf({
        ...{
          subject: alert.subject,
          companyId: "other",
          state: "recovered",
          severity: "critical",
          cause: "X",
        },
        ...{
          since: at + 2,
          dueAt: at + 3,
          clearSince: at + 4,
          recoveredAt: at + 5,
          incidentId: "i",
          flaps: 2,
        },
        figures: { rows: 1 },
      });
      await commit({ alerts: [changed], removed: [other] });
      const left = (await read()).alerts.filter(({ subject }) => subject === alert.subject);
      expect(left).toEqual([changed]);
    });

    it("commits a tick whole or not at all: only one of two evaluators", async () => {
      const { revision } = await read();
      const ticks = ["one", "other"].map((key) => {
        const incident = incidentOf();
        const alert = alertOf({ state: "firing", incidentId: incident.id });
        const message = { key: `${key} ${alert.subject}`, channel: randomUUID(), incidentId: incident.id };
        return { alert, incident, message: { ...message, body: key } };
      });
      const committed = await Promise.all(
        ticks.map(({ alert, incident, message }, index) =>
          fixture.storage.commitAlertTick({
            ...{ expectedRevision: revision, at: at + index, removed: [] },
            ...{ alerts: [alert], incidents: [incident], messages: [message] },
          }),
        ),
      );
      expect([...committed].sort()).toEqual([false, true]);
      const stored = await read();
      expect(stored.revision).toBeGreaterThan(revision);
      expect(stored.tickAt).toBe(at + committed.indexOf(true));
      for (const [index, { alert, incident, message }] of ticks.entries()) {
        const isStored = committed[index] === true;
        expect(stored.alerts.some(({ subject }) => subject === alert.subject)).toBe(isStored);
        expect(stored.incidents.some(({ id }) => id === incident.id)).toBe(isStored);
        expect(stored.channels.some(({ channel }) => channel === message.channel)).toBe(isStored);
      }
    });

    it("returns open incidents however old they are, and closed ones that were opened since the given time", async () => {
      const openOne = incidentOf({ openedAt: at - 1000 });
      const old = incidentOf({ openedAt: at - 1, closedAt: at });
      const recent = incidentOf({ closedAt: at + 1 });
      await commit({ incidents: [openOne, old, recent] });
      const { incidents } = await read();
      const ids = [openOne, old, recent].map(({ id }) => incidents.some((incident) => incident.id === id));
      expect(ids).toEqual([true, false, true]);
      expect(incidents.find(({ id }) => id === recent.id)).toEqual(recent);
      await commit({ incidents: [{ ...openOne, closedAt: at + 5, lastMessageAt: at + 5 }] });
      expect((await read()).incidents.some(({ id }) => id === openOne.id)).toBe(false);
    });

    it("notes who acknowledged an open incident first, which no tick that read it before overwrites", async () => {
      const incident = incidentOf();
      await commit({ incidents: [incident] });
      const { revision } = await read();
      const params = { incidentId: incident.id, actor: "ann" };
      const acknowledged = await fixture.storage.acknowledgeIncident(params);
      expect(acknowledged).toEqual({
        ...incident,
        acknowledgedBy: "ann",
        acknowledgedAt: acknowledged?.acknowledgedAt,
      });
      const again = await fixture.storage.acknowledgeIncident({ ...params, actor: "bob" });
      expect(again).toEqual(acknowledged);
      const stale = { expectedRevision: revision, at, alerts: [], removed: [], messages: [] };
      expect(await fixture.storage.commitAlertTick({ ...stale, incidents: [incident] })).toBe(false);
      await commit({ incidents: [{ ...incident, level: 1 }] });
      const stored = (await read()).incidents.find(({ id }) => id === incident.id);
      expect(stored).toEqual({ ...acknowledged, level: 1 });
      await commit({ incidents: [{ ...incident, closedAt: at + 1 }] });
      expect(await fixture.storage.acknowledgeIncident(params)).toBeNull();
      expect(await fixture.storage.acknowledgeIncident({ ...params, incidentId: "unknown" })).toBeNull();
    });

    it("keeps silences until they end, and says that they changed", async () => {
      const { revision, now } = await read();
      const given = { id: randomUUID(), kind: "late", companyId: null, reason: "moving", actor: "ann" };
      const silence = await fixture.storage.addSilence({ ...given, until: now + 3_600_000 });
      expect(silence).toEqual({ ...given, until: now + 3_600_000, createdAt: silence.createdAt });
      const before = await read();
      expect(before.silences).toContainEqual(silence);
      expect(before.revision).not.toBe(revision);
      expect(await fixture.storage.endSilence(silence.id)).toBe(true);
      expect(await fixture.storage.endSilence(silence.id)).toBe(false);
      expect(await fixture.storage.endSilence("unknown")).toBe(false);
      await fixture.passTime(2);
      const after = await read();
      expect(after.silences.some(({ id }) => id === silence.id)).toBe(false);
      expect(after.revision).not.toBe(before.revision);
      const listed = await readAll((page) => fixture.storage.listSilences(page));
      expect(listed.find(({ id }) => id === silence.id)).toMatchObject(given);
    });

    it("lists alerts of companies and states in order, incidents newest first, page by page", async () => {
      const companyId = randomCompanyId();
      const incident = incidentOf();
      const alerts = [
        alertOf({ kind: "degraded", subject: "b", companyId, incidentId: incident.id, state: "firing" }),
        alertOf({ kind: "failing", subject: `a ${companyId}`, companyId }),
        alertOf({ kind: "failing", subject: `b ${companyId}`, companyId }),
        alertOf({ kind: "no-worker", subject: companyId, companyId: null }),
      ];
      const older = incidentOf({ openedAt: at - 5, closedAt: at });
      await commit({ alerts, incidents: [incident, older] });
      const list = async (filter: Parameters<typeof fixture.storage.listAlerts>[0]) =>
        await readAll((page) => fixture.storage.listAlerts(filter, page), 2);
      expect(await list({ companyIds: [companyId] })).toEqual(alerts.slice(0, 3));
      expect(await list({ companyIds: [companyId], state: "pending" })).toEqual(alerts.slice(1, 3));
      expect(await list({ companyIds: [] })).toEqual([]);
      expect(await list({})).toContainEqual(alerts[3]);
      const incidents = await readAll((page) => fixture.storage.listIncidents({}, page), 2);
      const places = [incident, older].map(({ id }) => incidents.findIndex((one) => one.id === id));
      expect(places[0]).toBeGreaterThanOrEqual(0);
      expect(places[1]).toBeGreaterThan(places[0] ?? 0);
      const open = await readAll((page) => fixture.storage.listIncidents({ open: true }, page), 2);
      expect(open.map(({ id }) => id)).toContain(incident.id);
      expect(open.map(({ id }) => id)).not.toContain(older.id);
    });

    it("does not change what it gave out, nor what it was given", async () => {
      const alert = alertOf();
      const companyIds = ["a"];
      const incident = incidentOf({ companyIds });
      await commit({ alerts: [alert], incidents: [incident] });
      companyIds.push("b");
      const stored = (await read()).incidents.find(({ id }) => id === incident.id);
      expect(stored?.companyIds).toEqual(["a"]);
      expect(await find(alert.subject)).toEqual(alert);
    });
  });
}
