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
const usualMinutes = 10;
/** Share of the time until the heap has the size that the load needs. */
const warmUp = 0.2;
/** Syncs are triggered, so that there are events, this often in milliseconds. */
const syncEveryMs = 15_000;

/** What people look at, in turn. */
const views = {
  dashboard: () => "/dashboard",
  credentials: () => "/credentials",
  history: (id: string) => `/credentials/${id}/sync/history?limit=50`,
  "failed runs": (id: string) => `/credentials/${id}/sync/history?status=failed`,
  status: (id: string) => `/credentials/${id}/sync/status`,
  figures: (id: string) => `/credentials/${id}/sync/metrics`,
  "one run": () => "/syncs/run-10",
} as const;

type View = keyof typeof views;
const viewNames = Object.keys(views) as readonly View[];

interface Load {
  /** Of each response, in milliseconds. */
  readonly times: Map<View, number[]>;
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

async function ask(router: RouterProcess, view: View, load: Load, agent: Agent): Promise<void> {
  const startedAt = performance.now();
  const path = views[view](router.credentialId);
  const { statusCode, body } = await request(router.url + path, { dispatcher: agent });
  await body.text();
  load.times.get(view)?.push(performance.now() - startedAt);
  if (statusCode !== 200) load.refused += 1;
}

/** Keeps the rate regardless of response times: slow responses must not reduce the load. */
async function putLoadOn(router: RouterProcess, durationMs: number): Promise<Figures> {
  const load: Load = { times: new Map(viewNames.map((view) => [view, []])), refused: 0, events: 0 };
  const agent = new Agent({ bodyTimeout: 0, pipelining: 1 });
  const stop = new AbortController();
  const reading = Array.from({ length: readers }, () => readEvents(router, load, agent, stop.signal));
  await delay(1000);
  const before = await router.memoryMb();
  let peakMb = before;
  let warmMb: number | null = null;

  const asking: Promise<void>[] = [];
  const startedAt = performance.now();
  let nextSync = 0;
  let nextLook = 1000;
  for (let sent = 0; ; sent += 1) {
    const due = (sent * 1000) / requestsPerSecond;
    if (due >= durationMs) break;
    await delay(Math.max(0, startedAt + due - performance.now()));
    asking.push(ask(router, viewNames[sent % viewNames.length] as View, load, agent));
    if (due >= nextSync) {
      nextSync += syncEveryMs;
      asking.push(triggerSync(router, agent));
    }
    if (due >= nextLook) {
      nextLook += 1000;
      const now = await router.memoryMb();
      peakMb = Math.max(peakMb, now);
      if (due >= durationMs * warmUp) warmMb ??= now;
    }
  }
  await Promise.all(asking);
  const after = await router.memoryMb();
  stop.abort();
  await Promise.allSettled(reading);
  await agent.destroy();

  const all = [...load.times.values()].flat();
  return {
    p50Ms: quantile(all, 0.5),
    p99Ms: quantile(all, 0.99),
    ...Object.fromEntries([...load.times].map(([view, times]) => [view, quantile(times, 0.99)])),
    answers: all.length,
    refused: load.refused,
    events: load.events,
    beforeMb: before,
    warmMb: warmMb ?? before,
    peakMb,
    afterMb: after,
  };
}

function quantile(times: readonly number[], share: number): number {
  return times.toSorted((left, right) => left - right)[Math.ceil(times.length * share) - 1] ?? 0;
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

async function measure({ serverUrl, scale, minutes }: Setting): Promise<Figures> {
  const simulator = { tenants: [{ customers: 500, invoices: 500 }], rateLimitPerSecond: null };
  return await withSimulator(simulator, ({ url: apiUrl, tenant }) =>
    withDatabase(serverUrl, (pool, databaseUrl) =>
      withRouter({ databaseUrl, apiUrl, tenant }, async (router) => {
        await insertRuns(pool, router.credentialId, Math.round(runs * scale));
        return await putLoadOn(router, Math.max(3000, (minutes ?? usualMinutes * scale) * 60_000));
      }),
    ),
  );
}

const loaded = "under load";

export const router: Benchmark = {
  name: "router",
  title: "The router",
  about: `An Express app with the router on PostgreSQL with ${whole(runs)} runs, in its own process: ${readers} readers of events and
${requestsPerSecond} requests per second (dashboard, credentials, history, status, metrics, one run) for ${usualMinutes} minutes, while a sync is
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
          ["responses", figure("answers")],
          ["responses other than 200", figure("refused")],
          ["events received by all readers", figure("events")],
          ["median response, ms", figure("p50Ms")],
          ...viewNames.map((view) => [`99% of responses: ${view}, ms`, figure(view)]),
          ["memory with all readers connected, MB", figure("beforeMb")],
          [`memory after ${usualMinutes * warmUp} minutes, MB`, figure("warmMb")],
          ["peak, MB", figure("peakMb")],
          ["at the end, MB", figure("afterMb")],
        ],
      },
      findings: [
        { what: "99% of responses within, ms", measured: figure("p99Ms"), target: "under 100" },
        {
          what: `memory at the end minus that after ${usualMinutes * warmUp} minutes, MB`,
          measured: whole(medians.of(loaded, "afterMb") - medians.of(loaded, "warmMb")),
          target: "stable",
        },
      ],
    };
  },
};
