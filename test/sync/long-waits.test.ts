import {
  createTitanSync,
  generateEncryptionKey,
  type Logger,
  logReporter,
  memoryStorage,
  type SyncEvent,
  staticKeys,
} from "@titan-sync/core";
import { expect, test } from "vitest";
import { createFakeClock } from "../../packages/core/src/__fixtures__/fake-clock.js";
import { textStream } from "../../packages/runner/src/__fixtures__/text-stream.js";
import { plainView } from "../../packages/runner/src/output/progress/plain-view.js";

const minute = 60_000;
const stepMs = 2_000;

/**
 * A whole run by a clock that the test moves. The API has no rows; `refuse` says what it answers instead, this many
 * milliseconds after the run began.
 */
async function runWhile(refuse: (elapsedMs: number) => Response | null) {
  const clock = createFakeClock();
  const lines: (readonly [level: string, message: string])[] = [];
  const log = (level: string) => (_fields: object, message: string) => {
    lines.push([level, message]);
  };
  const logger: Logger = { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
  let began = Number.POSITIVE_INFINITY;
  const titan = createTitanSync({
    storage: memoryStorage({ clock }),
    clock,
    keys: staticKeys(generateEncryptionKey()),
    sink: async () => ({ rejected: [] }),
    company: async () => ({ trade: "HVAC" }),
    logger,
    progress: logReporter({ logger }),
    random: () => 0.5,
    fetch: async (input) => {
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      if (pathname.endsWith("/connect/token")) {
        return Response.json({ access_token: "t", expires_in: 900, token_type: "Bearer" });
      }
      return refuse(clock.now() - began) ?? Response.json({ hasMore: false, continueFrom: "1", data: [] });
    },
  });
  const { id: credentialId } = await titan.credentials.create({
    companyId: "acme",
    tenantId: "1001",
    environment: "production",
    clientId: "cid.abcdefghijklmnop",
    clientSecret: "cs1.abcdefghijklmnopqrstuvwxyz",
    appKey: "ak1.abcdefghijklmnop",
  });
  began = clock.now();
  const run = await titan.sync({ credentialId, data: "customers" });
  const plain = textStream();
  const show = plainView(plain, clock).follow(null);
  const events: SyncEvent[] = [];
  async function follow(): Promise<void> {
    for await (const event of run.events()) {
      events.push(event);
      await show(event);
    }
  }
  const followed = follow();
  let isOver = false;
  const over = Promise.all([run.result, followed]).finally(() => {
    isOver = true;
  });
  while (!isOver) await clock.advance(stepMs);
  const [result] = await over;
  await titan.close();
  const waits = events.filter((event) => event.event === "run:wait");
  return { result, waits, lines, plain: plain.text(), elapsedMs: clock.now() - began };
}

const waiting = [
  ["warn", "the run is waiting for ServiceTitan"],
  ["debug", "a run is waiting for ServiceTitan"],
] as const;

test("a throttled run reports the wait: in an event, in the log, and in the program's output", async () => {
  let isRefused = false;
  const { result, waits, lines, plain } = await runWhile(() => {
    if (isRefused) return null;
    isRefused = true;
    return new Response("{}", { status: 429, headers: { "retry-after": "120" } });
  });
  expect(result).toMatchObject({ status: "completed", api: { throttled: 1 } });
  expect(waits).toMatchObject([{ companyId: "acme", reason: "throttled" }]);
  const [wait] = waits;
  expect((wait?.until ?? 0) - (wait?.at ?? 0)).toBe(2 * minute);
  expect(lines.filter(([, message]) => message.endsWith("is waiting for ServiceTitan"))).toEqual(waiting);
  const until = new Date(wait?.until ?? 0).toISOString().slice(11, 19);
  expect(plain).toContain(`waiting for ServiceTitan until ${until} UTC: it is throttling requests`);
});

test("a run of a tenant that is unreachable for a while reports each wait, and completes", async () => {
  const { result, waits, plain } = await runWhile((elapsedMs) =>
    elapsedMs < 2.5 * minute ? new Response("{}", { status: 503 }) : null,
  );
  expect(result).toMatchObject({ status: "completed", error: null });
  expect(waits.length).toBeGreaterThan(0);
  expect(waits.every(({ reason, companyId }) => reason === "circuit-open" && companyId === "acme")).toBe(
    true,
  );
  expect(plain).toMatch(/waiting for ServiceTitan until \d\d:\d\d:\d\d UTC: it is not responding/);
});

test("a tenant that stays unreachable occupied its worker for as long as there were pages; now its run fails after five minutes", async () => {
  const { result, waits, lines, elapsedMs } = await runWhile(() => new Response("{}", { status: 503 }));
  expect(result).toMatchObject({ status: "failed", error: { code: "CIRCUIT_OPEN" } });
  expect(waits.length).toBeGreaterThan(1);
  expect(lines.filter(([, message]) => message.endsWith("is waiting for ServiceTitan"))).toHaveLength(
    2 * waits.length,
  );
  expect(elapsedMs).toBeGreaterThan(4 * minute);
  expect(elapsedMs).toBeLessThan(6.5 * minute);
});
