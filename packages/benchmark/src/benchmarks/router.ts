import { setTimeout as delay } from "node:timers/promises";
import { Agent, request } from "undici";
import type { Benchmark, Figures, Setting } from "../measure/benchmark.js";
import { whole } from "../report/report.js";
import { withDatabase } from "../stage/database.js";
import { insertRuns } from "../stage/many-runs.js";
import { type RouterProcess, withRouter } from "../stage/router-process.js";
import { withSimulator } from "../stage/source-process.js";

const runs = 1_000_000;
const readers = 200;
const requestsPerSecond = 50;
const minutes = 10;
/** Syncs are triggered, so that there are events, this often in milliseconds. */
const syncEveryMs = 15_000;

/** What people look at, in turn. */
const pathsOf = (credentialId: string): readonly string[] => [
  "/dashboard",
  "/credentials",
  `/credentials/${credentialId}/sync/history?limit=50`,
  `/credentials/${credentialId}/sync/history?status=failed`,
  `/credentials/${credentialId}/sync/status`,
  `/credentials/${credentialId}/sync/metrics`,
  "/syncs/run-10",
];

interface Load {
  /** Of each answer, in milliseconds. */
  readonly times: number[];
  refused: number;
  events: number;
}

/** Reads events until it is stopped. */
async function readEvents({ url }: RouterProcess, load: Load, agent: Agent, signal: AbortSignal) {
  const { body } = await request(`${url}/events`, { dispatcher: agent, signal });
  try {
    for await (const chunk of body) {
      load.events += String(chunk).split("\nevent:").length - 1;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function ask(url: string, load: Load, agent: Agent): Promise<void> {
  const startedAt = performance.now();
  const { statusCode, body } = await request(url, { dispatcher: agent });
  await body.text();
  load.times.push(performance.now() - startedAt);
  if (statusCode !== 200) load.refused += 1;
}

/** Keeps the rate whatever the answers take: slow answers must not slow the load. */
async function putLoadOn(router: RouterProcess, durationMs: number): Promise<Figures> {
  const load: Load = { times: [], refused: 0, events: 0 };
  const agent = new Agent({ bodyTimeout: 0, pipelining: 1 });
  const stop = new AbortController();
  const reading = Array.from({ length: readers }, () => readEvents(router, load, agent, stop.signal));
  await delay(1000);
  const before = await router.memoryMb();
  let peakMb = before;

  const paths = pathsOf(router.credentialId);
  const asking: Promise<void>[] = [];
  const startedAt = performance.now();
  let nextSync = 0;
  let nextLook = 1000;
  for (let sent = 0; ; sent += 1) {
    const due = (sent * 1000) / requestsPerSecond;
    if (due >= durationMs) break;
    await delay(Math.max(0, startedAt + due - performance.now()));
    asking.push(ask(router.url + paths[sent % paths.length], load, agent));
    if (due >= nextSync) {
      nextSync += syncEveryMs;
      asking.push(triggerSync(router, agent));
    }
    if (due >= nextLook) {
      nextLook += 1000;
      peakMb = Math.max(peakMb, await router.memoryMb());
    }
  }
  await Promise.all(asking);
  const after = await router.memoryMb();
  stop.abort();
  await Promise.allSettled(reading);
  await agent.destroy();

  const sorted = load.times.toSorted((left, right) => left - right);
  const quantile = (share: number): number => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
  return {
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    answers: sorted.length,
    refused: load.refused,
    events: load.events,
    beforeMb: before,
    peakMb,
    afterMb: after,
  };
}

async function triggerSync({ url, credentialId }: RouterProcess, agent: Agent): Promise<void> {
  const { body } = await request(`${url}/credentials/${credentialId}/sync`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ data: "both" }),
    dispatcher: agent,
  });
  await body.dump();
}

async function measure({ serverUrl, scale }: Setting): Promise<Figures> {
  const simulator = { tenants: [{ customers: 500, invoices: 500 }], rateLimitPerSecond: null };
  return await withSimulator(simulator, ({ url: apiUrl, tenant }) =>
    withDatabase(serverUrl, (pool, databaseUrl) =>
      withRouter({ databaseUrl, apiUrl, tenant }, async (router) => {
        await insertRuns(pool, router.credentialId, Math.round(runs * scale));
        return await putLoadOn(router, Math.max(3000, minutes * 60_000 * scale));
      }),
    ),
  );
}

const loaded = "under load";

export const router: Benchmark = {
  name: "router",
  title: "The router",
  about: `An Express app with the router on PostgreSQL with ${whole(runs)} runs, in a process of its own: ${readers} readers of events and
${requestsPerSecond} requests a second (dashboard, credentials, history, status, figures, one run) for ${minutes} minutes, while a sync is
triggered every ${syncEveryMs / 1000} seconds.`,
  rounds: 1,
  needsPostgres: true,
  variants: [{ name: loaded, measure }],
  report(medians) {
    const figure = (name: string): string => whole(medians.of(loaded, name));
    return {
      table: {
        columns: ["figure", "value"],
        rows: [
          ["answers", figure("answers")],
          ["answers other than 200", figure("refused")],
          ["events received by all readers", figure("events")],
          ["middle answer, ms", figure("p50Ms")],
          ["memory with all readers connected, MB", figure("beforeMb")],
          ["peak, MB", figure("peakMb")],
          ["at the end, MB", figure("afterMb")],
        ],
      },
      findings: [
        { what: "99 % of answers within, ms", measured: figure("p99Ms"), target: "under 100" },
        {
          what: "memory at the end less that at the beginning, MB",
          measured: whole(medians.of(loaded, "afterMb") - medians.of(loaded, "beforeMb")),
          target: "stable",
        },
      ],
    };
  },
};
