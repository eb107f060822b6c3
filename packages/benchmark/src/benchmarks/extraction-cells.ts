import { runReadStage } from "@titan-sync/core/testing";
import type { Figures, Medians, Setting, Variant } from "../measure/benchmark.js";
import { timed } from "../measure/timed.js";
import type { Finding } from "../report/report.js";
import { ratio, whole } from "../report/report.js";
import { fetchClient, tokenOf, undiciClient } from "../stage/bare-client.js";
import { exported } from "../stage/feeds.js";
import { type Source, withSimulator } from "../stage/source-process.js";

/** Customers and invoices, read three ways at one page size and latency. */
interface Cell {
  readonly pageSize: number;
  readonly latencyMs: number;
}

const pageSizes = [50, 500, 5000];
const latencies = [0, 50, 150];

export const cells: readonly Cell[] = pageSizes.flatMap((pageSize) =>
  latencies.map((latencyMs) => ({ pageSize, latencyMs })),
);

/** Rows of each feed in a cell: enough to make startup negligible, few enough to wait for. */
function rowsIn({ pageSize, latencyMs }: Cell): number {
  const pages = latencyMs === 0 ? 400 : 40;
  return Math.min(pageSize * pages, 50_000);
}

const paths = [exported("crm", "customers"), exported("accounting", "invoices")];

const ways: Readonly<Record<string, (source: Source) => Promise<unknown>>> = {
  reader: async (source) => {
    await runReadStage({
      apiUrl: source.url,
      tenantId: source.tenant.tenantId,
      appKey: source.tenant.appKey,
      token: await tokenOf(source),
      feeds: ["customers", "invoices"],
      parallelPageSize: null,
    });
  },
  undici: async (source) => {
    const client = await undiciClient(source);
    await Promise.all(paths.map((feed) => client.read(feed)));
    await client.close();
  },
  "fetch loop": async (source) => {
    const client = await fetchClient(source);
    for (const feed of paths) await client.read(feed);
  },
};

const nameOf = (way: string, { pageSize, latencyMs }: Cell): string =>
  `${way}, ${pageSize} rows per page, ${latencyMs} ms`;

export const cellVariants: readonly Variant[] = cells.flatMap((cell) =>
  Object.entries(ways).map(([way, read]) => ({
    name: nameOf(way, cell),
    measure: (setting: Setting) => measureCell(setting, cell, read),
  })),
);

async function measureCell(
  { scale }: Setting,
  cell: Cell,
  read: (source: Source) => Promise<unknown>,
): Promise<Figures> {
  const { pageSize, latencyMs } = cell;
  const count = Math.ceil(rowsIn(cell) * scale);
  const options = {
    tenants: [{ customers: count, invoices: count }],
    exportPageSize: pageSize,
    latencyMs,
    rateLimitPerSecond: null,
  };
  return await withSimulator(options, async (source) => ({ ...(await timed(() => read(source))) }));
}

/** One row for each cell. */
export function cellRows(medians: Medians): readonly (readonly string[])[] {
  return cells.map((cell) => {
    const [reader, undici, loop] = Object.keys(ways).map((way) => medians.of(nameOf(way, cell), "ms"));
    return [
      `${whole(cell.pageSize)} rows per page, ${cell.latencyMs} ms`,
      ...[reader, undici, loop].map((ms) => whole(ms ?? 0)),
    ];
  });
}

export function cellFindings(medians: Medians): readonly Finding[] {
  const worst = (way: string, latency: number | null): string => {
    const ratios = cells
      .filter((cell) => latency === null || cell.latencyMs === latency)
      .map((cell) => medians.of(nameOf("reader", cell), "ms") / medians.of(nameOf(way, cell), "ms"));
    return ratio(Math.max(...ratios));
  };
  return [
    { what: "reader / undici at 0 ms, worst page size", measured: worst("undici", 0), target: "at most 1.5" },
    {
      what: "reader / undici at 150 ms, worst page size",
      measured: worst("undici", 150),
      target: "at most 1.15",
    },
    { what: "reader / fetch loop, worst cell", measured: worst("fetch loop", null), target: "below 1" },
  ];
}
