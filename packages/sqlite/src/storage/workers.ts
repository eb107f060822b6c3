import type { LiveWorker, WorkerBeat } from "@titan-sync/core";
import type { Database } from "../database/database.js";

const forgottenAfterMs = 86_400_000;

export async function beatWorker(database: Database, beat: WorkerBeat): Promise<void> {
  await database.transaction((transaction) => {
    const now = database.now();
    transaction.run("DELETE FROM workers WHERE beat_at < ?1", now - forgottenAfterMs);
    transaction.run(
      `INSERT INTO workers (worker_id, host, pid, version, name, slots, busy, closing, started_at, beat_at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)
      ON CONFLICT (worker_id) DO UPDATE SET host = excluded.host, pid = excluded.pid, version = excluded.version,
        name = excluded.name, slots = excluded.slots, busy = excluded.busy, closing = excluded.closing,
        beat_at = excluded.beat_at`,
      beat.id,
      beat.host,
      beat.pid,
      beat.version,
      beat.name,
      beat.slots,
      beat.busy,
      beat.isClosing,
      now,
    );
  });
}

export async function forgetWorker(database: Database, id: string): Promise<void> {
  await database.transaction((transaction) =>
    transaction.run("DELETE FROM workers WHERE worker_id = ?1", id),
  );
}

type WorkerRow = Omit<LiveWorker, "isClosing" | "silentMs"> & { readonly closing: number };

export async function listWorkers(database: Database): Promise<readonly LiveWorker[]> {
  const rows = await database.read((statements) =>
    statements.all<WorkerRow>(
      `SELECT worker_id AS id, host, pid, version, name, slots, busy, closing, started_at AS startedAt,
        beat_at AS beatAt
      FROM workers ORDER BY name, worker_id`,
    ),
  );
  const now = database.now();
  return rows.map(({ closing, ...row }) => ({
    ...row,
    isClosing: closing === 1,
    silentMs: now - row.beatAt,
  }));
}
