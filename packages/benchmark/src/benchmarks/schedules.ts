import { setTimeout as delay } from "node:timers/promises";
import { generateEncryptionKey } from "@titan-sync/core";
import type { Pool } from "pg";
import type { Benchmark, Figures, Setting } from "../measure/benchmark.js";
import { whole } from "../report/report.js";
import { connectCompanies } from "../stage/connected-companies.js";
import { withDatabase } from "../stage/database.js";
import { parentOf, processorTimeOf } from "../stage/processor-time.js";
import { runProgram } from "../stage/program.js";
import { readStarts, type TimeSpan } from "../stage/scheduled-starts.js";
import { type ServiceProcess, withService } from "../stage/service-process.js";
import { withSimulator } from "../stage/source-process.js";
import { withDirectory } from "../stage/stores.js";

const companies = 5_000;
const every = "15m";
const usualMinutes = 60;
const slots = 16;
const minuteMs = 60_000;

/** What is read at the beginning and at the end. */
interface Reading {
  readonly oursMs: number;
  readonly serversMs: number;
  readonly transactions: number;
  /** Bytes of the whole database, and of what grows by name. */
  readonly bytes: Readonly<Record<string, number>>;
}

/** What a service has told. */
interface Told {
  started: number;
  ended: number;
  readonly otherEnds: Map<string, number>;
}

async function measure(setting: Setting): Promise<Figures> {
  const count = Math.round(companies * setting.scale);
  const simulator = { tenants: Array.from({ length: count }, () => ({ customers: 1 })) };
  return await withSimulator(simulator, (source) =>
    withDatabase(setting.serverUrl, (pool, url) =>
      withDirectory(async (directory) => {
        const encryptionKeys = generateEncryptionKey();
        const environment = {
          TITAN_SYNC_API_URL: source.url,
          TITAN_SYNC_AUTH_URL: source.url,
          TITAN_SYNC_DATABASE_URL: url,
          TITAN_SYNC_ENCRYPTION_KEYS: encryptionKeys,
        };
        const place = { directory, environment };
        await runProgram(["init"], place);
        const connected = await connectCompanies({ pool, source, encryptionKeys, every, note });
        await pool.query("VACUUM ANALYZE");
        const told: Told = { started: 0, ended: 0, otherEnds: new Map() };
        const args = ["worker", "--concurrency", String(slots)];
        return await withService(
          args,
          place,
          (document) => listen(told, document),
          async (service) => {
            // What came due while it started is late, as after any restart.
            await delay(minuteMs / 2);
            const from = Date.now();
            const span = { from, until: from + (setting.minutes ?? usualMinutes) * minuteMs };
            const costs = await hold(pool, service, told, span);
            // A start at the end may be a minute late.
            await delay(minuteMs);
            const { lateMs, ...starts } = await readStarts(pool, connected, span);
            const late = (share: number): number => lateMs[Math.ceil(lateMs.length * share) - 1] ?? 0;
            const figures = {
              ...starts,
              ...costs,
              peakMb: await service.peakMb(),
              p50LateMs: late(0.5),
              p99LateMs: late(0.99),
              mostLateMs: late(1),
            };
            note(JSON.stringify({ figures }));
            return figures;
          },
        );
      }),
    ),
  );
}

function listen(told: Told, { event, status }: Readonly<Record<string, unknown>>): void {
  if (event === "schedule:start") told.started += 1;
  if (event !== "run:end") return;
  told.ended += 1;
  if (status !== "completed") {
    told.otherEnds.set(String(status), (told.otherEnds.get(String(status)) ?? 0) + 1);
  }
}

/** Waits for the end, saying each minute how it goes. */
async function hold(pool: Pool, service: ServiceProcess, told: Told, span: TimeSpan): Promise<Figures> {
  const first = await read(pool, service);
  const endedBefore = told.ended;
  for (let minute = 1, last = first, ended = told.ended; Date.now() < span.until; minute += 1) {
    await delay(Math.min(span.from + minute * minuteMs, span.until) - Date.now());
    const now = await read(pool, service);
    const syncs = told.ended - ended;
    note(
      JSON.stringify({
        minute,
        syncs,
        otherEnds: Object.fromEntries(told.otherEnds),
        oursMs: (now.oursMs - last.oursMs) / syncs,
        serversMs: (now.serversMs - last.serversMs) / syncs,
        transactions: (now.transactions - last.transactions) / syncs,
        databaseMb: (now.bytes["all"] ?? 0) / 1024 ** 2,
        serviceMb: await service.peakMb(),
        ...(await lateness(pool, span.from)),
      }),
    );
    last = now;
    ended = told.ended;
  }
  const end = await read(pool, service);
  const syncs = told.ended - endedBefore;
  const grown = Object.entries(end.bytes).map(([name, bytes]) => [
    `${name}Bytes`,
    (bytes - (first.bytes[name] ?? 0)) / syncs,
  ]);
  return {
    syncs,
    oursMs: (end.oursMs - first.oursMs) / syncs,
    serversMs: (end.serversMs - first.serversMs) / syncs,
    transactions: (end.transactions - first.transactions) / syncs,
    ...Object.fromEntries(grown),
  };
}

async function read(pool: Pool, { pid }: ServiceProcess): Promise<Reading> {
  const { rows: sizes } = await pool.query<{ name: string; bytes: number }>(
    `SELECT 'all' AS name, pg_database_size(current_database())::float8 AS bytes
    UNION ALL
    SELECT CASE WHEN nspname = 'titan_sync_jobs' THEN 'queue' ELSE relname END,
      sum(pg_total_relation_size(pg_class.oid))::float8
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind = 'r' AND (
      nspname = 'titan_sync_jobs' OR (nspname = 'titan_sync' AND relname = ANY ($1))
    ) GROUP BY 1`,
    [growing],
  );
  const { rows } = await pool.query<{ backend: number; transactions: number }>(
    `SELECT pg_backend_pid() AS backend, xact_commit::float8 AS transactions
    FROM pg_stat_database WHERE datname = current_database()`,
  );
  return {
    oursMs: await processorTimeOf(pid),
    serversMs: await processorTimeOf(await parentOf(rows[0]?.backend ?? 0)),
    transactions: rows[0]?.transactions ?? 0,
    bytes: Object.fromEntries(sizes.map(({ name, bytes }) => [name, bytes])),
  };
}

/** Of the runs that have begun so far, and of the starts whose run has not. */
async function lateness(pool: Pool, from: number): Promise<Readonly<Record<string, number>>> {
  const { rows } = await pool.query<Record<string, number>>(
    `SELECT max(extract(epoch FROM run.started_at - start.run_at))::float8 AS "mostLateS",
      count(*) FILTER (WHERE run.run_id IS NULL)::float8 AS "notBegun",
      max(extract(epoch FROM now() - start.run_at)) FILTER (WHERE run.run_id IS NULL)::float8 AS "notBegunForS"
    FROM titan_sync.schedule_starts start
    LEFT JOIN titan_sync.accepted_runs accepted ON accepted.accepted_id = start.run_id
    LEFT JOIN titan_sync.runs run ON run.run_id = coalesce(accepted.run_id, start.run_id)
    WHERE start.run_at >= $1`,
    [new Date(from)],
  );
  return rows[0] ?? {};
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Tables, with their indexes, that get larger with each sync until they are pruned. */
const growing = ["runs", "run_feeds", "run_records", "audit", "schedule_starts"] as const;

const held = "one worker";

export const schedules: Benchmark = {
  name: "schedules",
  title: "Schedules",
  about: `${whole(companies)} companies, each synced every 15 minutes by one \`titan-sync worker\` with ${slots} slots, for an hour: nothing has changed
in their nine feeds. PostgreSQL and the simulator, each in its own process, run on the same machine. How late a run began counts
from the start that its schedule gives, jitter included. Processor time is what the kernel counted for the worker's
process, and for all processes of the server; a sync's share includes what runs by itself, such as the scheduler and autovacuum.`,
  rounds: 1,
  needsPostgres: true,
  variants: [{ name: held, measure }],
  report(medians) {
    const figure = (name: string): number => medians.of(held, name);
    const kb = (name: string): string => (figure(`${name}Bytes`) / 1024).toFixed(2);
    const finding = (what: string, measured: string, target: string) => ({ what, measured, target });
    return {
      findings: [
        finding("latest begin of a run, s", (figure("mostLateMs") / 1000).toFixed(1), "at most 60"),
        finding("starts without exactly one outcome", whole(figure("wrong")), "0"),
        finding("runs that did not complete", whole(figure("notCompleted")), "0"),
        finding("our processor time for each sync, ms", figure("oursMs").toFixed(1), "reported"),
        finding("PostgreSQL's for each sync, ms", figure("serversMs").toFixed(1), "reported"),
        finding("database growth for each sync, KB", kb("all"), "reported"),
      ],
      table: {
        columns: ["figure", "value"],
        rows: [
          ["starts that were due", whole(figure("due"))],
          ["runs that began for them", whole(figure("queued"))],
          ["delayed, because more than 600 were due in a minute", whole(figure("delayed"))],
          ["median begin after the start, s", (figure("p50LateMs") / 1000).toFixed(2)],
          ["99% of begins within, s", (figure("p99LateMs") / 1000).toFixed(2)],
          ["transactions for each sync", figure("transactions").toFixed(1)],
          ["peak memory of the worker, MB", whole(figure("peakMb"))],
          ...growing.map((table) => [`growth of \`${table}\` for each sync, KB`, kb(table)]),
          ["growth of the queue for each sync, KB", kb("queue")],
        ],
      },
    };
  },
};
