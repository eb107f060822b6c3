import { type StoredSchedule, startsAfter } from "@titan-sync/core";
import type { Pool } from "pg";

/** Times from the first on, without the last. */
export interface TimeSpan {
  readonly from: number;
  readonly until: number;
}

/** The outcomes of the starts that were due in a time span. */
export interface StartFigures {
  /** By the schedules alone. */
  readonly due: number;
  /** How many have no entry of their own in the start ledger, and how many entries are none of theirs. */
  readonly wrong: number;
  /** Neither skipped nor missed. */
  readonly queued: number;
  readonly delayed: number;
  /** Runs that are not completed. */
  readonly notCompleted: number;
  /** After the nominal instant and its jitter, ascending, in milliseconds. */
  readonly lateMs: readonly number[];
}

interface StartRow {
  readonly credentialId: string;
  readonly nominalAt: Date;
  readonly starts: number;
  readonly outcome: string;
  readonly status: string | null;
  readonly lateMs: number | null;
}

/** Compares the start ledger and the runs with what the schedules say. */
export async function readStarts(
  pool: Pool,
  schedules: readonly StoredSchedule[],
  span: TimeSpan,
): Promise<StartFigures> {
  const { rows } = await pool.query<StartRow>(
    `SELECT start.credential_id AS "credentialId", start.nominal_at AS "nominalAt", start.starts, start.outcome, run.status,
      (extract(epoch FROM run.started_at - start.run_at) * 1000)::float8 AS "lateMs"
    FROM titan_sync.schedule_starts start
    LEFT JOIN titan_sync.accepted_runs accepted ON accepted.accepted_id = start.run_id
    LEFT JOIN titan_sync.runs run ON run.run_id = coalesce(accepted.run_id, start.run_id)
    WHERE start.run_at >= $1 AND start.run_at < $2`,
    [new Date(span.from), new Date(span.until)],
  );
  const found = new Map(rows.map((row) => [`${row.credentialId} ${row.nominalAt.getTime()}`, row]));
  const due = new Set(schedules.flatMap((schedule) => dueIn(schedule, span)));
  const without = [...due].filter((name) => found.get(name)?.starts !== 1);
  const beyond = [...found.keys()].filter((name) => !due.has(name));
  return {
    due: due.size,
    wrong: without.length + beyond.length,
    queued: rows.filter(({ outcome }) => outcome === "queued" || outcome === "delayed").length,
    delayed: rows.filter(({ outcome }) => outcome === "delayed").length,
    notCompleted: rows.filter(({ status }) => status !== "completed").length,
    lateMs: rows.flatMap(({ lateMs }) => lateMs ?? []).sort((left, right) => left - right),
  };
}

const longestJitterMs = 30 * 60_000;

/** One text for each start. The first is the one that was due when the schedule was saved. */
function dueIn(schedule: StoredSchedule, { from, until }: TimeSpan): readonly string[] {
  const names: string[] = [];
  for (let after = Math.max(from - longestJitterMs, (schedule.nextNominalAt ?? until) - 1); ; ) {
    const [next] = startsAfter(schedule, after, 1);
    if (next === undefined || next.nominalAt >= until) return names;
    if (next.runAt >= from && next.runAt < until) names.push(`${schedule.credentialId} ${next.nominalAt}`);
    after = next.nominalAt;
  }
}
