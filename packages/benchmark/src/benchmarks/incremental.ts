import type { Benchmark } from "../measure/benchmark.js";
import { ratio, whole } from "../report/report.js";
import { onPostgres } from "../stage/stores.js";
import { changes, measureIncrements, syncs } from "./increments.js";

const fewRows = 10_000;

const small = `${whole(fewRows)} customers and invoices each`;
const large = `${whole(fewRows * 10)} customers and invoices each`;

export const incremental: Benchmark = {
  name: "incremental",
  title: "An incremental sync",
  about: `${changes} entities of all kinds change at random, and a sync delivers the changes, with ten times as many rows landed in
the second database as in the first; the median of ${syncs} syncs. Then one sync without any changes.`,
  rounds: 3,
  needsPostgres: true,
  variants: [
    { name: small, measure: (setting) => measureIncrements(setting, fewRows, onPostgres(setting.serverUrl)) },
    {
      name: large,
      measure: (setting) => measureIncrements(setting, fewRows * 10, onPostgres(setting.serverUrl)),
    },
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
