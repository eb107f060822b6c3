import { afterEach, describe, expect, it } from "vitest";
import { createFakeClock } from "../__fixtures__/fake-clock.js";
import { ConfigError, NetworkError, StorageError } from "../errors.js";
import { memoryJobQueue } from "../memory/memory-job-queue.js";
import { memoryStorage } from "../memory/memory-storage.js";
import type { Notifier } from "../ports/notifier.js";
import { createTenant, type TenantUnderTest } from "../testing/storage/tenant-under-test.js";
import type { AlertMessage } from "./alert-message.js";
import { type AlertsOptions, startAlerts } from "./start-alerts.js";

const minuteMs = 60_000;
const closing: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of closing.splice(0)) await one[Symbol.asyncDispose]();
});

function createWorld() {
  const clock = createFakeClock();
  const storage = memoryStorage({ clock });
  const queue = memoryJobQueue({ storage, clock });
  const inbox: AlertMessage[] = [];
  const sentAt: number[] = [];
  const pager: Notifier = {
    channel: "pager",
    async send({ body }) {
      sentAt.push(clock.now());
      inbox.push(JSON.parse(body) as AlertMessage);
    },
  };
  async function end(tenant: TenantUnderTest, status: "completed" | "failed"): Promise<void> {
    const run = await tenant.begin();
    const error = status === "failed" ? { code: "NETWORK", message: "x", hint: null } : null;
    const read = { readUpTo: { customers: clock.now() }, missing: [], feeds: ["customers"] };
    const completeness = status === "completed" ? { customers: read } : {};
    await storage.endRun({ lease: run.lease, status, warnings: [], error, completeness });
  }
  return {
    ...{ clock, storage, queue, inbox, sentAt, pager, end },
    start(options: Partial<AlertsOptions> = {}) {
      const base = { storage, queue, clock, notifiers: [pager], random: () => 0 };
      const alerts = startAlerts({ ...base, ...options });
      closing.push(alerts);
      return alerts;
    },
    async pass(minutes: number) {
      for (let step = 0; step < minutes * 4; step += 1) await clock.advance(minuteMs / 4);
    },
    async beat(isClosing = false) {
      const worker = { id: "w", host: "h", pid: 1, version: "1", name: "w", slots: 1, busy: 0, isClosing };
      await storage.beatWorker(worker);
    },
    types: () => inbox.map(({ type, kind }) => `${type} ${kind}`),
  };
}

describe("alerts of a running program", () => {
  it("reach a channel when a credential has failed three times in a row, and when it has recovered", async () => {
    const { storage, inbox, start, pass, end } = createWorld();
    const tenant = await createTenant(storage);
    start();
    for (let run = 0; run < 3; run += 1) await end(tenant, "failed");
    await pass(5);
    expect(inbox).toMatchObject([
      {
        type: "firing",
        title: `${tenant.scope.companyId}: the API does not answer`,
        lines: [`${tenant.scope.companyId}: failed syncs 3, last error NETWORK`],
        companies: [tenant.scope.companyId],
      },
    ]);
    expect(JSON.stringify(inbox)).not.toContain(tenant.scope.tenantId);
    await end(tenant, "completed");
    await pass(5);
    expect(inbox.map(({ type }) => type)).toEqual(["firing", "recovered"]);
  });

  it("are evaluated once a minute, however many processes do it, and one of them gives the sign of life", async () => {
    const { start, pass, beat } = createWorld();
    let ticks = 0;
    let signs = 0;
    const options = {
      onTick: () => {
        ticks += 1;
      },
      heartbeat: async () => {
        signs += 1;
      },
    };
    await beat();
    start(options);
    start(options);
    for (let minute = 0; minute < 10; minute += 1) {
      await beat();
      await pass(1);
    }
    expect({ ticks, signs }).toEqual({ ticks: 11, signs: 11 });
  });

  it("give no sign of life without a worker, and say that none is running", async () => {
    const { start, pass, beat, storage, types, queue } = createWorld();
    let signs = 0;
    const heartbeat = async (): Promise<void> => {
      signs += 1;
    };
    const { credential } = await createTenant(storage);
    await queue.enqueue({
      ...{
        runId: "r",
        credentialId: credential.id,
        companyId: credential.companyId,
        type: "manual",
        data: "both",
      },
      ...{
        mode: "incremental",
        fresh: false,
        rederive: false,
        replay: false,
        from: null,
        to: null,
        by: null,
      },
      ...{ allowRemovals: false, actor: "ann", priority: "bulk" },
    });
    start({ heartbeat });
    await beat();
    await pass(2);
    const before = signs;
    expect(before).toBeGreaterThan(0);
    await pass(5);
    expect(signs).toBeLessThanOrEqual(before + 1);
    expect(types()).toEqual(["firing no-worker"]);
    for (let minute = 0; minute < 6; minute += 1) {
      await beat();
      await pass(1);
    }
    expect(types()).toEqual(["firing no-worker", "recovered no-worker"]);
    expect(signs).toBeGreaterThan(before + 3);
  });

  it("are delivered five times within an hour, then given up; other channels are told, and no sign of life is given", async () => {
    const { storage, clock, start, pass, beat, end, inbox, pager } = createWorld();
    const attempts: number[] = [];
    let signs = 0;
    const broken: Notifier = {
      channel: "broken",
      async send() {
        attempts.push(clock.now());
        throw new NetworkError("The channel does not answer.");
      },
    };
    start({
      notifiers: [broken, pager],
      heartbeat: async () => {
        signs += 1;
      },
    });
    const tenant = await createTenant(storage);
    for (let run = 0; run < 3; run += 1) await end(tenant, "failed");
    for (let minute = 0; minute < 75; minute += 1) {
      await beat();
      await pass(1);
      if (minute === 20) signs = 0;
    }
    const first = attempts[0] ?? 0;
    expect(attempts.slice(0, 2).map((time) => Math.round((time - first) / minuteMs))).toEqual([0, 1]);
    const messages = await storage.listMessages({ channel: "broken" }, { limit: 10 });
    const given = messages.items.find(({ key }) => key.endsWith("_firing") && key === inbox[0]?.key);
    expect(given).toMatchObject({ attempts: 5, sentAt: null, errorCode: "NETWORK" });
    expect(given?.givenUpAt).toBeGreaterThan(first + 59 * minuteMs);
    expect(inbox.map(({ kind }) => kind)).toEqual(["failing", "notifications-failing"]);
    expect(signs).toBe(0);
  });

  it("say directly that the database does not answer, once, and that it does again", async () => {
    const { storage, start, pass, types, inbox } = createWorld();
    let isDown = false;
    const failing = {
      ...storage,
      readAlerts: async (params: Parameters<typeof storage.readAlerts>[0]) => {
        if (isDown) throw new StorageError("The database does not answer.", { retryable: true });
        return await storage.readAlerts(params);
      },
    };
    start({ storage: failing });
    await pass(1);
    isDown = true;
    await pass(10);
    expect(types()).toEqual(["firing database-unreachable"]);
    isDown = false;
    await pass(3);
    expect(types()).toEqual(["firing database-unreachable", "recovered database-unreachable"]);
    expect(new Set(inbox.map(({ key }) => key)).size).toBe(2);
  });

  it("refuse two channels with one name", () => {
    const { start, pager } = createWorld();
    expect(() => start({ notifiers: [pager, { ...pager }] })).toThrow(ConfigError);
  });
});
