import { runDeriveStage } from "@titan-sync/core/testing";
import { postgresSink, postgresStorage } from "@titan-sync/postgres";
import type { SimulatorOptions } from "@titan-sync/simulator";
import { Pool } from "pg";
import type { Benchmark, Setting } from "../measure/benchmark.js";
import { timed } from "../measure/timed.js";
import { ratio, seconds, whole } from "../report/report.js";
import { undiciClient } from "../stage/bare-client.js";
import { company, companyId, connect } from "../stage/connect.js";
import { createDatabase, withDatabase } from "../stage/database.js";
import { allFeeds } from "../stage/feeds.js";
import { copyRows } from "../stage/plain-merge.js";
import { type Source, withSimulator } from "../stage/source-process.js";

const rows = 100_000;

function simulatorOf({ scale }: Setting): SimulatorOptions {
  const count = Math.round(rows * scale);
  return {
    tenants: [{ customers: count, invoices: count }],
    exportPageSize: 5000,
    rateLimitPerSecond: null,
  };
}

async function syncInto(source: Source, pool: Pool) {
  const storage = postgresStorage({ pool });
  const { sync } = await connect(source, {
    storage,
    sink: postgresSink({ pool }),
    // The pages are those of the export, as large as they come.
    parallelBackfill: false,
  });
  return { sync, close: () => storage.close() };
}

export const fullSync: Benchmark = {
  name: "full-sync",
  title: "A full sync",
  about: `A first sync of ${whole(rows)} customers and ${whole(rows)} invoices, with everything that belongs to them, from a
simulator on the same machine (5000 rows per page) into an empty database, compared with the sum of its two unavoidable
parts: fetching and parsing the same pages with undici, feeds in parallel; and merging the same rows, held in memory, into
the same tables with the same indexes (the entities, the delivered state of records, and the two streams) in statements of
2000 rows over four connections, without leases, work queue, comparison or deduplication. The work between the two, reading
the landed entities back and mapping them, is measured separately.`,
  rounds: 3,
  needsPostgres: true,

  /** A finished sync, whose rows are merged again. */
  async prepare(setting) {
    return await withSimulator(simulatorOf(setting), async (source) => {
      const database = await createDatabase(setting.serverUrl);
      const pool = new Pool({ connectionString: database, max: 10 });
      const { sync, close } = await syncInto(source, pool);
      await sync();
      await close();
      await pool.end();
      return { database };
    });
  },

  variants: [
    {
      name: "full sync",
      measure: (setting) =>
        withSimulator(simulatorOf(setting), (source) =>
          withDatabase(setting.serverUrl, async (pool) => {
            const { sync, close } = await syncInto(source, pool);
            const effort = await timed(() => sync());
            await close();
            return { ...effort };
          }),
        ),
    },
    {
      name: "fetching and parsing alone",
      measure: (setting) =>
        withSimulator(simulatorOf(setting), async (source) => {
          const client = await undiciClient(source);
          const effort = await timed(() => Promise.all(allFeeds.map((feed) => client.read(feed))));
          await client.close();
          return { ...effort };
        }),
    },
    {
      name: "merging alone",
      measure: (setting) =>
        withDatabase(setting.serverUrl, async (pool) => {
          const from = new Pool({ connectionString: setting.prepared["database"] });
          const effort = await timed(async () => undefined);
          const { ms, rows: merged } = await copyRows(from, pool);
          await from.end();
          return { ...effort, ms, rows: merged };
        }),
    },
    {
      name: "reading back and mapping alone",
      async measure({ prepared }) {
        const pool = new Pool({ connectionString: prepared["database"], max: 10 });
        const storage = postgresStorage({ pool });
        const [tenant] = await storage.listTenants(companyId);
        if (tenant === undefined) throw new Error("The finished sync left no tenant.");
        const { scope } = tenant;
        const effort = await timed(() => runDeriveStage({ storage, scope, company, batchSize: 2000 }));
        await storage.close();
        await pool.end();
        return { ...effort };
      },
    },
  ],

  report(medians) {
    const full = medians.of("full sync", "ms");
    const fetching = medians.of("fetching and parsing alone", "ms");
    const merging = medians.of("merging alone", "ms");
    const reading = medians.of("reading back and mapping alone", "ms");
    return {
      table: {
        columns: ["variant", "s"],
        rows: [
          ["full sync", seconds(full)],
          ["fetching and parsing alone", seconds(fetching)],
          ["merging alone", seconds(merging)],
          ["reading back and mapping alone", seconds(reading)],
          ["rows merged", whole(medians.of("merging alone", "rows"))],
          ["peak memory of the full sync, MB", whole(medians.of("full sync", "peakMb"))],
        ],
      },
      findings: [
        {
          what: "full sync / (fetch + merge)",
          measured: ratio(full / (fetching + merging)),
          target: "at most 1.3",
        },
        {
          what: "full sync / (fetch + merge + read back and map)",
          measured: ratio(full / (fetching + merging + reading)),
          target: "none: decision 27",
        },
      ],
    };
  },
};
