import type { Benchmark, Medians } from "../measure/benchmark.js";
import { ratio, seconds, whole } from "../report/report.js";
import { onSqlite } from "../stage/stores.js";
import {
  measureInit,
  measureStatus,
  measureSyncIntoPostgres,
  measureSyncIntoSqlite,
} from "./embedded-program.js";
import { heapArguments, heapMb, measureFirstLoad } from "./first-loads.js";
import { changes, measureIncrements, syncs } from "./increments.js";

const syncedRows = 100_000;
const manyRecords = 1_000_000;
const fewRows = 10_000;

const onFile = "full sync, SQLite";
const onServer = "full sync, PostgreSQL";
const manyInSmallHeap = `${whole(manyRecords)} records, heap of ${heapMb} MB`;
const smallIncrement = `incremental sync, ${whole(fewRows)} landed`;
const largeIncrement = `incremental sync, ${whole(fewRows * 10)} landed`;

export const embedded: Benchmark = {
  name: "embedded",
  title: "The embedded database",
  about: `The program with its SQLite file, each command from start to end: \`init\`, \`status\`, and \`sync\` of
${whole(syncedRows)} customers and ${whole(syncedRows)} invoices with everything that belongs to them; the same sync into PostgreSQL, whose own
memory is not counted and which, unlike SQLite, does not wait for the disk. Then the SDK on a SQLite file: a first sync of
${whole(manyRecords)} records with a heap of at most ${heapMb} MB, and syncs after changes of ${changes} entities with ${whole(fewRows)} and with
${whole(fewRows * 10)} customers and invoices each, the median of ${syncs}.`,
  rounds: 3,
  needsPostgres: true,
  variants: [
    { name: "init", measure: measureInit },
    { name: "status", measure: measureStatus },
    { name: onFile, measure: (setting) => measureSyncIntoSqlite(setting, syncedRows) },
    { name: onServer, measure: (setting) => measureSyncIntoPostgres(setting, syncedRows) },
    {
      name: manyInSmallHeap,
      nodeArguments: heapArguments,
      measure: (setting) => measureFirstLoad(setting, manyRecords, onSqlite),
    },
    { name: smallIncrement, measure: (setting) => measureIncrements(setting, fewRows, onSqlite) },
    { name: largeIncrement, measure: (setting) => measureIncrements(setting, fewRows * 10, onSqlite) },
  ],
  report(medians) {
    return {
      table: {
        columns: ["variant", "s", "s of processor", "peak MB"],
        rows: [
          ...["init", "status", onFile, onServer, manyInSmallHeap].map((name) => [
            ...effortOf(medians, name),
            whole(medians.of(name, "peakMb")),
          ]),
          ...[smallIncrement, largeIncrement].map((name) => [...effortOf(medians, name), "–"]),
        ],
      },
      findings: [
        finding("`init`, s", seconds(medians.of("init", "ms")), "at most 0.8"),
        finding("`init`, peak memory, MB", whole(medians.of("init", "peakMb")), "at most 160"),
        finding("`status`, s", seconds(medians.of("status", "ms")), "at most 0.4"),
        finding("`status`, peak memory, MB", whole(medians.of("status", "peakMb")), "at most 130"),
        finding("full sync, peak memory, MB", whole(medians.of(onFile, "peakMb")), "at most 350"),
        finding(
          "full sync, time on SQLite / on PostgreSQL",
          ratio(medians.of(onFile, "ms") / medians.of(onServer, "ms")),
          "below 1",
        ),
        finding(
          `records that arrived with a heap of ${heapMb} MB`,
          whole(medians.of(manyInSmallHeap, "derived")),
          whole(manyRecords),
        ),
        finding(
          "incremental sync, time with ten times as many landed rows",
          ratio(medians.of(largeIncrement, "ms") / medians.of(smallIncrement, "ms")),
          "at most 1.3",
        ),
      ],
    };
  },
};

const effortOf = (medians: Medians, variant: string): readonly string[] => [
  variant,
  seconds(medians.of(variant, "ms")),
  seconds(medians.of(variant, "cpuMs")),
];

const finding = (what: string, measured: string, target: string) => ({ what, measured, target });
