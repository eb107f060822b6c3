import { postgresSink, postgresStorage } from "@titan-sync/postgres";
import type { Benchmark, Figures, Setting } from "../measure/benchmark.js";
import { timed } from "../measure/timed.js";
import { ratio, seconds, whole } from "../report/report.js";
import { connect } from "../stage/connect.js";
import { withDatabase } from "../stage/database.js";
import { withHost } from "../stage/source-process.js";

const few = 100_000;
const many = 1_000_000;
const heapMb = 256;

/** Half of the records are customers, half are invoices. */
async function measureRecords({ serverUrl, scale }: Setting, records: number): Promise<Figures> {
  const count = Math.round((records * scale) / 2);
  const options = { customers: count, invoices: count, pageSize: 5000 };
  return await withHost("multiplied-host.js", options, (source) =>
    withDatabase(serverUrl, async (pool) => {
      const storage = postgresStorage({ pool });
      const { sync } = await connect(source, {
        storage,
        sink: postgresSink({ pool }),
        parallelBackfill: false,
      });
      let derived = 0;
      const effort = await timed(async () => {
        derived = (await sync()).ledger.processed;
      });
      await storage.close();
      return { ...effort, derived };
    }),
  );
}

const nameOf = (records: number): string => `${whole(records)} records`;
const nodeArguments = [`--max-old-space-size=${heapMb}`];

export const memory: Benchmark = {
  name: "memory",
  title: "Memory",
  about: `First syncs of customers and invoices into PostgreSQL, 5000 rows a page, with a heap of at most ${heapMb} MB; the rows are
made page by page by a server in its own process. The peak is the most memory that the syncing process ever had.`,
  rounds: 1,
  needsPostgres: true,
  variants: [few, many].map((records) => ({
    name: nameOf(records),
    nodeArguments,
    measure: (setting: Setting) => measureRecords(setting, records),
  })),
  report(medians) {
    return {
      table: {
        columns: ["sync", "records derived", "peak MB", "before it began, MB", "s"],
        rows: [few, many]
          .map(nameOf)
          .map((variant) => [
            variant,
            whole(medians.of(variant, "derived")),
            whole(medians.of(variant, "peakMb")),
            whole(medians.of(variant, "startMb")),
            seconds(medians.of(variant, "ms")),
          ]),
      },
      findings: [
        {
          what: "peak memory at ten times as many records",
          measured: ratio(medians.of(nameOf(many), "peakMb") / medians.of(nameOf(few), "peakMb")),
          target: "at most 1.15",
        },
      ],
    };
  },
};
