import type { Benchmark, Setting } from "../measure/benchmark.js";
import { ratio, seconds, whole } from "../report/report.js";
import { onPostgres } from "../stage/stores.js";
import { heapArguments, heapMb, measureFirstLoad } from "./first-loads.js";

const few = 100_000;
const many = 1_000_000;

const nameOf = (records: number): string => `${whole(records)} records`;

export const memory: Benchmark = {
  name: "memory",
  title: "Memory",
  about: `First syncs of customers and invoices into PostgreSQL, 5000 rows per page, with a heap of at most ${heapMb} MB; a server in
its own process generates the rows page by page. The peak is the highest memory use of the syncing process.`,
  rounds: 1,
  needsPostgres: true,
  variants: [few, many].map((records) => ({
    name: nameOf(records),
    nodeArguments: heapArguments,
    measure: (setting: Setting) => measureFirstLoad(setting, records, onPostgres(setting.serverUrl)),
  })),
  report(medians) {
    return {
      table: {
        columns: ["sync", "records derived", "peak MB", "before it started, MB", "s"],
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
