import { postgresSink, postgresStorage } from "@titan-sync/postgres";
import type { Benchmark, Figures, Setting } from "../measure/benchmark.js";
import { median } from "../measure/medians.js";
import { type Effort, timed } from "../measure/timed.js";
import { ratio, whole } from "../report/report.js";
import { connect } from "../stage/connect.js";
import { withDatabase } from "../stage/database.js";
import { withSimulator } from "../stage/source-process.js";

const fewRows = 10_000;
const changes = 100;
/** Runs after the first one, which is not measured. */
const runs = 7;

/** Syncs everything, then again and again the changes of as many entities. */
async function measureAfter({ serverUrl, scale }: Setting, rows: number): Promise<Figures> {
  const count = Math.round(rows * scale);
  const tenant = { customers: count, invoices: count };
  const simulator = { tenants: [tenant], exportPageSize: 5000, exportLagMs: 0, rateLimitPerSecond: null };
  return await withSimulator(simulator, (source) =>
    withDatabase(serverUrl, async (pool) => {
      const storage = postgresStorage({ pool });
      const { sync } = await connect(source, { storage, sink: postgresSink({ pool }) });
      await sync();
      // As autovacuum does sooner or later.
      await pool.query("VACUUM ANALYZE");
      const efforts: Effort[] = [];
      for (let run = 0; run <= runs; run += 1) {
        await source.change(changes);
        const effort = await timed(() => sync());
        if (run > 0) efforts.push(effort);
      }
      await source.counters();
      const idle = await timed(() => sync());
      const { requests } = await source.counters();
      await storage.close();
      return {
        ms: median(efforts.map((effort) => effort.ms)),
        cpuMs: median(efforts.map((effort) => effort.cpuMs)),
        idleMs: idle.ms,
        idleCpuMs: idle.cpuMs,
        idleRequests: requests,
      };
    }),
  );
}

const small = `${whole(fewRows)} customers and invoices each`;
const large = `${whole(fewRows * 10)} customers and invoices each`;

export const incremental: Benchmark = {
  name: "incremental",
  title: "An incremental sync",
  about: `${changes} entities of all kinds change at random, and a sync brings the changes, with ten times as many rows landed in
the second database as in the first; the median of ${runs} syncs. Then one sync without any change.`,
  rounds: 3,
  needsPostgres: true,
  variants: [
    { name: small, measure: (setting) => measureAfter(setting, fewRows) },
    { name: large, measure: (setting) => measureAfter(setting, fewRows * 10) },
  ],
  report(medians) {
    const rowOf = (variant: string): string[] => [
      variant,
      ...["ms", "cpuMs", "idleMs", "idleCpuMs", "idleRequests"].map((figure) =>
        whole(medians.of(variant, figure)),
      ),
    ];
    return {
      table: {
        columns: ["landed", "ms", "ms of processor", "ms without changes", "of processor", "requests"],
        rows: [rowOf(small), rowOf(large)],
      },
      findings: [
        {
          what: "time with ten times as many landed rows",
          measured: ratio(medians.of(large, "ms") / medians.of(small, "ms")),
          target: "at most 1.3",
        },
        {
          what: "requests of a sync of nine feeds without changes",
          measured: whole(medians.of(large, "idleRequests")),
          target: "9",
        },
        {
          what: "processor time of a sync without changes, ms",
          measured: whole(medians.of(large, "idleCpuMs")),
          target: "under 50",
        },
      ],
    };
  },
};
