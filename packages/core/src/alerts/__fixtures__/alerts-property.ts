import { expect } from "vitest";
import { eachItem } from "../../async/each-page.js";
import { NetworkError } from "../../errors.js";
import { memoryStorage } from "../../memory/memory-storage.js";
import type { AlertStore, OutboxMessage } from "../../ports/alert-store.js";
import { silentLogger } from "../../ports/logger.js";
import type { Notifier } from "../../ports/notifier.js";
import type { PageRequest } from "../../ports/page.js";
import { manualClock } from "../../testing/manual-clock.js";
import { advanceAlerts } from "../advance-alerts.js";
import { longestCalmMs } from "../alert-states.js";
import type { AlertCondition } from "../observation.js";
import { sendNext } from "../send-messages.js";
import { conditionAt, observationOf } from "./observed.js";

/** Random choices, the same for the same seed. */
export interface AlertDice {
  /** Both ends included. */
  integer(from: number, to: number): number;
}

export interface AlertsPropertyOptions {
  readonly dice: AlertDice;
  readonly steps: number;
}

interface Gate {
  open(): void;
  kill(): void;
}

class Killed extends Error {}

const minuteMs = 60_000;
const channels = [
  { channel: "everyone", level: 0 },
  { channel: "boss", level: 1 },
];
const identities = ["c-1", "c-2", "c-3", "c-4"].flatMap((subject) => [
  { kind: "failing", subject },
  { kind: "late", subject },
  { kind: "no-worker", subject: "workers" },
]);

/**
 * Two evaluators and two senders do their work in random order and are killed between any two commits, before or after
 * a message has arrived, while conditions come and go, channels fail, people acknowledge and silence. Whatever
 * happens: no message is lost, a repeat has the same key and the same body, the alert arrives before its recovery, what
 * goes on is announced, and everything recovers.
 */
export async function checkAlerts({ dice, steps }: AlertsPropertyOptions): Promise<void> {
  const clock = manualClock(Date.UTC(2026, 0, 1));
  const storage = memoryStorage({ clock });
  const gates: Gate[] = [];
  let isCalm = false;

  const committed = new Map<string, string>();
  const idOf = ({ key, channel }: Pick<OutboxMessage, "key" | "channel">): string => `${channel} ${key}`;
  const arrived: string[] = [];
  const failures = new Map<string, number>();

  /** What fires belongs to an incident that is not over. */
  async function expectOpenIncidents(): Promise<void> {
    const { alerts, incidents } = await storage.readAlerts({ incidentsSince: 0 });
    const open = new Set(incidents.filter(({ closedAt }) => closedAt === null).map(({ id }) => id));
    const lost = alerts.filter(({ state, incidentId }) => state === "firing" && !open.has(incidentId ?? ""));
    expect(lost).toEqual([]);
  }

  /** One process: whoever is killed does nothing more. */
  function createProcess() {
    let isDead = false;
    const gate = async (): Promise<void> => {
      if (isDead) throw new Killed();
      if (isCalm) return;
      await new Promise<void>((resolve, reject) => {
        gates.push({
          open: resolve,
          kill() {
            isDead = true;
            reject(new Killed());
          },
        });
      });
    };
    const store: Pick<AlertStore, "readAlerts" | "commitAlertTick" | "claimMessage" | "settleMessage"> = {
      async readAlerts(params) {
        const stored = await storage.readAlerts(params);
        await gate();
        return stored;
      },
      async commitAlertTick(tick) {
        await gate();
        const isCommitted = await storage.commitAlertTick(tick);
        for (const message of isCommitted ? tick.messages : []) {
          expect(committed.has(idOf(message)), `a second message ${idOf(message)}`).toBe(false);
          committed.set(idOf(message), message.body);
        }
        if (isCommitted) await expectOpenIncidents();
        await gate();
        return isCommitted;
      },
      async claimMessage(params) {
        await gate();
        const claimed = await storage.claimMessage(params);
        await gate();
        return claimed;
      },
      async settleMessage(params) {
        await gate();
        const isSettled = await storage.settleMessage(params);
        await gate();
        return isSettled;
      },
    };
    const notifiers = channels.map(
      ({ channel, level }): Notifier => ({
        channel,
        level,
        async send({ key, body }) {
          const id = idOf({ key, channel });
          await gate();
          const failed = failures.get(id) ?? 0;
          // Few are given up that way, after five attempts; most others time out while time is moved.
          if (!isCalm && failed < 3 && dice.integer(1, 4) === 1) {
            failures.set(id, failed + 1);
            throw new NetworkError("The channel does not answer.");
          }
          expect(body, `the body of ${id}`).toBe(committed.get(id));
          if (!arrived.includes(id)) arrived.push(id);
          await gate();
        },
      }),
    );
    return { store, notifiers };
  }
  type Process = ReturnType<typeof createProcess>;

  const conditions = new Map<string, AlertCondition>();
  let lastId = 0;
  const nextId = (letter: string): string => {
    lastId += 1;
    return `${letter}-${lastId}`;
  };
  async function evaluate({ store }: Process): Promise<void> {
    const stored = await store.readAlerts({ incidentsSince: clock.now() - 24 * 60 * minuteMs });
    const seen = observationOf(stored.now, [...conditions.values()]);
    const next = advanceAlerts(stored, seen, {
      channels,
      escalateMs: 10 * minuteMs,
      newId: () => nextId("i"),
      linkTo: () => null,
    });
    await store.commitAlertTick({ ...next, expectedRevision: stored.revision });
  }
  const send = async ({ store, notifiers }: Process): Promise<void> => {
    for (const notifier of notifiers) {
      const options = { storage: store, clock, logger: silentLogger };
      while (await sendNext(notifier, options, new AbortController().signal));
    }
  };
  const actors = [evaluate, evaluate, send, send].map((work) => ({ work, isBusy: false }));
  const defects: unknown[] = [];
  function start(actor: (typeof actors)[number] | undefined): void {
    if (actor === undefined || actor.isBusy) return;
    actor.isBusy = true;
    actor
      .work(createProcess())
      .catch((error: unknown) => {
        if (!(error instanceof Killed)) defects.push(error);
      })
      .finally(() => {
        actor.isBusy = false;
      });
  }

  for (let step = 0; step < steps; step += 1) {
    const choice = dice.integer(1, 20);
    const identity = identities[dice.integer(0, identities.length - 1)];
    const open = gates.splice(dice.integer(0, Math.max(0, gates.length - 1)), 1)[0];
    if (choice <= 8) open?.open();
    else if (choice <= 9) open?.kill();
    else if (open !== undefined) gates.push(open);
    if (choice >= 10 && choice <= 14) start(actors[dice.integer(0, actors.length - 1)]);
    else if (choice >= 15 && choice <= 17 && identity !== undefined) {
      const key = JSON.stringify(identity);
      if (conditions.has(key)) conditions.delete(key);
      else {
        conditions.set(
          key,
          conditionAt(clock.now(), {
            ...identity,
            companyId: identity.kind === "no-worker" ? null : identity.subject,
            severity: dice.integer(0, 1) === 0 ? "warning" : "critical",
            cause: ["A", "B"][dice.integer(0, 1)] ?? "A",
            isExplained: dice.integer(0, 4) === 0,
          }),
        );
      }
    } else if (choice === 18) clock.advance(dice.integer(1, 90 * minuteMs));
    else if (choice === 19) clock.advance(minuteMs);
    else if (choice === 20) await interfere();
    // Lets released actors reach their next gate.
    await new Promise((resolve) => setImmediate(resolve));
    if (defects.length > 0) throw defects[0];
  }

  async function interfere(): Promise<void> {
    const { incidents, silences } = await storage.readAlerts({ incidentsSince: 0 });
    const incident = incidents.find(({ closedAt }) => closedAt === null);
    const [silence] = silences;
    if (dice.integer(0, 1) === 0 && incident !== undefined) {
      await storage.acknowledgeIncident({ incidentId: incident.id, actor: "ann" });
    } else if (silence !== undefined) await storage.endSilence(silence.id);
    else {
      const kind = dice.integer(0, 1) === 0 ? "late" : null;
      const until = clock.now() + dice.integer(1, 120) * minuteMs;
      const id = nextId("s");
      await storage.addSilence({ id, kind, companyId: null, until, reason: "work", actor: "ann" });
    }
  }

  isCalm = true;
  for (const gate of gates.splice(0)) gate.open();
  await new Promise((resolve) => setTimeout(resolve, 5));
  for (const { id } of (await storage.readAlerts({ incidentsSince: 0 })).silences)
    await storage.endSilence(id);
  const survivor = createProcess();
  const tick = async (): Promise<void> => {
    clock.advance(minuteMs);
    await evaluate(survivor);
    await send(survivor);
  };

  /** Messages that were given up, which takes five attempts. */
  async function findGivenUp(): Promise<readonly string[]> {
    const list = (page: PageRequest) => storage.listMessages({}, page);
    const ids: string[] = [];
    for await (const message of eachItem(list)) {
      if (message.givenUpAt === null) continue;
      expect(message.attempts).toBe(5);
      ids.push(idOf(message));
    }
    return ids;
  }

  // What goes on is announced, whatever happened before.
  for (const [key, condition] of conditions) conditions.set(key, { ...condition, isExplained: false });
  for (let minute = 0; minute < 75; minute += 1) await tick();
  const firing = await storage.readAlerts({ incidentsSince: 0 });
  for (const { kind, subject } of conditions.values()) {
    const alert = firing.alerts.find((one) => one.kind === kind && one.subject === subject);
    expect(alert?.state, `${kind} of ${subject}`).toBe("firing");
    const id = idOf({ channel: "everyone", key: `${alert?.incidentId}_firing` });
    expect([...arrived, ...(await findGivenUp())]).toContain(id);
  }

  // And what is over recovers.
  conditions.clear();
  const calmMinutes = longestCalmMs / minuteMs + 10;
  for (let minute = 0; minute < calmMinutes; minute += 1) await tick();
  const { alerts, incidents } = await storage.readAlerts({ incidentsSince: 0 });
  expect(alerts.filter(({ state }) => state !== "recovered")).toEqual([]);
  expect(incidents.filter(({ closedAt }) => closedAt === null)).toEqual([]);
  // No message is lost, and each alert arrived before its recovery.
  const givenUp = await findGivenUp();
  const settled = new Set([...arrived, ...givenUp]);
  expect([...committed.keys()].filter((id) => !settled.has(id))).toEqual([]);
  expect(givenUp.length).toBeLessThan(0.1 * committed.size + 2);
  for (const { id } of incidents) {
    const ids = ["firing", "recovered"].map((type) => `everyone ${id}_${type}`);
    if (ids.some((one) => givenUp.includes(one))) continue;
    const places = ids.map((one) => arrived.indexOf(one));
    expect(places[0]).toBeGreaterThanOrEqual(0);
    expect(places[1]).toBeGreaterThan(places[0] ?? 0);
  }
  expect(incidents.length).toBeGreaterThan(0);
}
