import { memoryStorage, type Storage } from "@titan-sync/core";
import { runReadStage } from "@titan-sync/core/testing";
import type { Benchmark, Figures, Setting } from "../measure/benchmark.js";
import { timed } from "../measure/timed.js";
import { ratio, seconds, whole } from "../report/report.js";
import { tokenOf } from "../stage/bare-client.js";
import { connect } from "../stage/connect.js";
import { withHost, withSimulator } from "../stage/source-process.js";
import { cellFindings, cellRows, cellVariants } from "./extraction-cells.js";

const firstLoadRows = 100_000;
const requestsPerSecond = 55;
const pacedMs = 60_000;

const byExport = "first load by the export";
const inParallel = "first load in parallel";
const paced = "a minute at the limit";
const largePages = "pages of 24 MB";

/** The first load of customers, with 500 rows in each page whichever way it is read. */
async function measureFirstLoad({ scale }: Setting, parallelPageSize: number | null): Promise<Figures> {
  const simulator = {
    tenants: [{ customers: Math.round(firstLoadRows * scale), invoices: 0 }],
    exportPageSize: 500,
    latencyMs: 150,
    rateLimitPerSecond: null,
  };
  return await withSimulator(simulator, async (source) => {
    const { url: apiUrl, tenant } = source;
    const { tenantId, appKey } = tenant;
    const token = await tokenOf(source);
    const effort = await timed(() =>
      runReadStage({ apiUrl, tenantId, appKey, token, feeds: ["customers"], parallelPageSize }),
    );
    return { ...effort };
  });
}

/** Pages so small that only the limit holds a sync back, for a minute. */
async function measurePacing({ scale }: Setting): Promise<Figures> {
  const simulator = {
    tenants: [{ customers: 15_000, invoices: 0 }],
    exportPageSize: 10,
    rateLimitPerSecond: 60,
  };
  return await withSimulator(simulator, async (source) => {
    const storage = memoryStorage();
    const { sync } = await connect(source, {
      storage,
      sink: async () => ({ rejected: [] }),
      requestsPerSecond,
      parallelBackfill: false,
    });
    const { ms } = await timed(() =>
      sync({ data: "customers", stopAfterMs: Math.max(1000, pacedMs * scale) }),
    );
    const { requests, throttled, peakRequestsPerSecond } = await source.counters();
    return { perSecond: (requests / ms) * 1000, throttled, peak: peakRequestsPerSecond };
  });
}

/** Accepts landed rows and discards them. */
function forgetfulStorage(): Storage {
  return {
    ...memoryStorage(),
    landRows: async ({ entities }) => ({ landed: 0, unchanged: entities.length, superseded: 0 }),
  };
}

/** Customers and invoices in pages of 5000 rows, with the default cap on bytes in flight. */
async function measureLargePages({ scale }: Setting): Promise<Figures> {
  const count = Math.round(100_000 * scale);
  const options = { customers: count, invoices: count, pageSize: 5000, invoiceBytes: 4800 };
  return await withHost("multiplied-host.js", options, async (source) => {
    const { sync } = await connect(source, {
      storage: forgetfulStorage(),
      sink: async () => ({ rejected: [] }),
      parallelBackfill: false,
    });
    return { ...(await timed(() => sync())) };
  });
}

export const extraction: Benchmark = {
  name: "extraction",
  title: "Extraction",
  about: `Only reading, against a simulator in its own process. In the cells, customers (0.6 KB each) and as many
invoices (3.1 KB each) are read: by the engine's reader (pages parsed, structure checked, passed on), by undici with
\`JSON.parse\` and both feeds in parallel, and by a plain loop of \`fetch\` and \`JSON.parse\`, one feed after the other. A first
load is ${whole(firstLoadRows)} customers, 500 rows per page, at 150 ms. The minute at the limit is a sync with pages of 10 rows from a
server that refuses more than 60 requests in any rolling second. The large pages contain 5000 invoices of 4.8 KB.`,
  rounds: 3,
  needsPostgres: false,
  variants: [
    ...cellVariants,
    { name: byExport, measure: (setting) => measureFirstLoad(setting, null) },
    { name: inParallel, measure: (setting) => measureFirstLoad(setting, 500) },
    { name: paced, measure: measurePacing },
    { name: largePages, measure: measureLargePages },
  ],
  report(medians) {
    const [exported, parallel] = [byExport, inParallel].map((name) => medians.of(name, "ms"));
    const perSecond = medians.of(paced, "perSecond");
    return {
      table: {
        columns: ["cell", "reader, ms", "undici, ms", "fetch loop, ms"],
        rows: cellRows(medians),
      },
      findings: [
        ...cellFindings(medians),
        {
          what: `${byExport} (${seconds(exported ?? 0)} s) / ${inParallel} (${seconds(parallel ?? 0)} s)`,
          measured: ratio((exported ?? 0) / (parallel ?? 1)),
          target: "at least 6",
        },
        {
          what: `share of ${requestsPerSecond} requests per second reached during a minute at the limit`,
          measured: `${((100 * perSecond) / requestsPerSecond).toFixed(1)} %`,
          target: "at least 95%",
        },
        {
          what: "429 responses in that minute",
          measured: whole(medians.of(paced, "throttled")),
          target: "0",
        },
        {
          what: `peak memory with ${largePages}, MB`,
          measured: whole(medians.of(largePages, "peakMb")),
          target: "reported",
        },
      ],
    };
  },
};
