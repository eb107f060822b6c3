import type { LiveWorker, WorkerBeat } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { epochMs } from "../database/values.js";

export async function beatWorker({ query, tables }: Database, beat: WorkerBeat): Promise<void> {
  await query(
    `WITH forgotten AS (
      DELETE FROM ${tables.workers} WHERE beat_at < clock_timestamp() - interval '1 day' AND worker_id <> $1
    )
    INSERT INTO ${tables.workers}
      (worker_id, host, pid, version, name, slots, busy, closing, started_at, beat_at)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, now.at, now.at FROM (SELECT clock_timestamp() AS at) now
    ON CONFLICT (worker_id) DO UPDATE SET host = excluded.host, pid = excluded.pid, version = excluded.version,
      name = excluded.name, slots = excluded.slots, busy = excluded.busy, closing = excluded.closing,
      beat_at = excluded.beat_at`,
    [beat.id, beat.host, beat.pid, beat.version, beat.name, beat.slots, beat.busy, beat.isClosing],
  );
}

export async function forgetWorker({ query, tables }: Database, id: string): Promise<void> {
  await query(`DELETE FROM ${tables.workers} WHERE worker_id = $1`, [id]);
}

export async function listWorkers({ query, tables }: Database): Promise<readonly LiveWorker[]> {
  const { rows } = await query<LiveWorker>(
    `SELECT worker_id AS id, host, pid, version, name, slots, busy, closing AS "isClosing",
      ${epochMs("started_at")} AS "startedAt", ${epochMs("beat_at")} AS "beatAt",
      round(${epochMs("(clock_timestamp() - beat_at)")}) AS "silentMs"
    FROM ${tables.workers} ORDER BY workers.name, workers.worker_id`,
  );
  return rows;
}
