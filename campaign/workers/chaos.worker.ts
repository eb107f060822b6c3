// A host's worker: executes jobs of the queue and starts what is due, until SIGTERM. Prints what `titan-sync worker
// --json` prints, and its log on standard error.

import {
  createSyncWorker,
  createTitanSync,
  eventJson,
  type Logger,
  startScheduler,
  staticKeys,
} from "@titan-sync/core";
import { pgBossJobQueue } from "@titan-sync/pg-boss";
import { postgresRateLimitCoordinator, postgresSink, postgresStorage } from "@titan-sync/postgres";
import { Pool } from "pg";
import type { ChaosPlan } from "./chaos-plan.js";

const plan = JSON.parse(process.argv[2] ?? "") as ChaosPlan;
const { simulatorUrl, limits, concurrency } = plan;

function print(document: unknown): void {
  process.stdout.write(`${JSON.stringify(document)}\n`);
}

const log =
  (level: string) =>
  (facts: object, message: string): void =>
    void process.stderr.write(
      `${JSON.stringify({ time: new Date().toISOString(), level, ...facts, message })}\n`,
    );
const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: log("warn"),
  error: log("error"),
};

const pool = new Pool({
  connectionString: plan.databaseUrl,
  max: concurrency + 8,
  connectionTimeoutMillis: 15_000,
});
pool.on("error", () => undefined);
const timeouts = limits === null ? {} : { timeoutMs: limits.timeoutMs };
const storage = postgresStorage({ pool, ...timeouts });
const queue = pgBossJobQueue({ pool, storage, logger, ...timeouts });
const titan = createTitanSync({
  storage,
  sink: postgresSink({ pool, ...timeouts }),
  keys: staticKeys(plan.encryptionKey),
  endpoints: { apiUrl: simulatorUrl, authUrl: simulatorUrl },
  requestsPerSecond: 500,
  rateLimitCoordinator: postgresRateLimitCoordinator({ pool, ...timeouts }),
  logger,
  ...(limits !== null && { leaseMs: limits.leaseMs }),
});
const worker = createSyncWorker({
  titan,
  storage,
  queue,
  concurrency,
  logger,
  ...(limits !== null && { claimMs: limits.leaseMs }),
});
worker.subscribe((event) => {
  if (event.event === "run:start" || event.event === "run:end") print(eventJson(event));
});
const scheduler = startScheduler({ storage, queue, logger });
worker.finished.catch((error: unknown) => {
  throw error;
});
process.once("SIGTERM", async () => {
  await Promise.all([worker.close(), scheduler.close()]);
  // What still hangs is continued elsewhere.
  process.exit(0);
});
print({ event: "ready" });
