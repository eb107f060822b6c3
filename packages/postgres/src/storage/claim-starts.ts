import type { ClaimedStarts, DueSchedule, Outage, StartLedger, StoredStart } from "@titan-sync/core";
import { noRunsState, outageAt, type PauseRow, settleEntries, toPause } from "@titan-sync/core/support";
import { type Database, longestTurnMs } from "../database/database.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { epochMs, fromEpochMs } from "../database/values.js";
import type { KnownSchema } from "../migrations/schema-version.js";
import { pauseColumns } from "./credential-states.js";
import { type ScheduleRow, scheduleColumns, time, toStoredSchedule } from "./schedules.js";
import { addStarts } from "./start-entries.js";

type ClaimParams = Parameters<StartLedger["claimDueStarts"]>[0];

/**
 * Decides about due schedules. Schedulers wait for each other on one row.
 * @throws `ConfigError` unless this program works with the schema.
 */
export async function claimDueStarts(
  database: Database,
  schema: KnownSchema,
  params: ClaimParams,
): Promise<ClaimedStarts> {
  const { tables } = database;
  const { at, limit, maxPerMinute, decide, enqueue } = params;
  const work = async (open: SqlTransaction): Promise<ClaimedStarts> => {
    await schema.require(open);
    const outage = await recordTick(open, tables, params);
    const allowed = Math.min(limit, maxPerMinute - (await countEnqueued(open, tables, at)));
    const due = allowed > 0 ? await findDue(open, tables, at, allowed) : [];
    const entries: StoredStart[] = [];
    for (const one of due) {
      const decision = decide(one, outage);
      const enqueued = decision.job === null ? null : await enqueue(decision.job, open);
      await moveOn(open, tables, one, decision, enqueued?.outcome === "queued" ? at : null);
      entries.push(...(await addStarts(open, tables, one.schedule, settleEntries(decision, enqueued))));
    }
    return { entries, schedules: due.length };
  };
  return await database.transaction(work, { longestIdleMs: longestTurnMs });
}

export async function findLastTick({ query, tables }: Database): Promise<number | null> {
  const { rows } = await query<{ at: number | null }>(
    `SELECT ${epochMs("last_tick_at")} AS at FROM ${tables.scheduler}`,
  );
  return rows[0]?.at ?? null;
}

interface TickRow {
  readonly lastTick: number | null;
  readonly from: number | null;
  readonly until: number | null;
}

/** Takes the turn. @returns the last time in which no scheduler was running. */
async function recordTick(
  { query }: SqlTransaction,
  tables: Tables,
  { at, outageAfterMs }: Pick<ClaimParams, "at" | "outageAfterMs">,
): Promise<Outage | null> {
  await query(`INSERT INTO ${tables.scheduler} (singleton) VALUES (true) ON CONFLICT DO NOTHING`);
  const { rows } = await query<TickRow>(
    `SELECT ${epochMs("last_tick_at")} AS "lastTick", ${epochMs("outage_from")} AS "from",
      ${epochMs("outage_until")} AS "until"
    FROM ${tables.scheduler} FOR UPDATE`,
  );
  const { lastTick = null, from = null, until = null } = rows[0] ?? {};
  const known = from === null || until === null ? null : { from, until };
  const outage = outageAt({ at, lastTick, outage: known, outageAfterMs });
  await query(
    `UPDATE ${tables.scheduler} SET last_tick_at = greatest(last_tick_at, ${time("$1")}),
      outage_from = ${time("$2")}, outage_until = ${time("$3")}`,
    [at, outage?.from ?? null, outage?.until ?? null],
  );
  return outage;
}

async function countEnqueued({ query }: SqlTransaction, tables: Tables, at: number): Promise<number> {
  const { rows } = await query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM ${tables.schedules}
    WHERE last_enqueued_at > ${fromEpochMs("$1")} - interval '1 minute'`,
    [at],
  );
  return rows[0]?.count ?? 0;
}

type DueRow = ScheduleRow &
  PauseRow & {
    readonly catchUpAt: number | null;
    readonly catchUpRunId: string | null;
    readonly connection: DueSchedule["state"]["connection"];
    readonly runs: string | null;
    readonly resumedAt: number | null;
  };

/** A schedule that somebody is changing right now is found by the next tick. */
async function findDue(
  { query }: SqlTransaction,
  tables: Tables,
  at: number,
  limit: number,
): Promise<readonly DueSchedule[]> {
  const { rows } = await query<DueRow>(
    `SELECT ${scheduleColumns}, ${epochMs("catch_up_at")} AS "catchUpAt", catch_up_run_id AS "catchUpRunId",
      credential.status AS connection,
      CASE WHEN state.tenant_id = credential.tenant_id THEN state.runs_state::text END AS runs,
      ${pauseColumns}, ${epochMs("state.resumed_at")} AS "resumedAt"
    FROM (
      SELECT * FROM ${tables.schedules} WHERE enabled AND least(next_run_at, catch_up_at) <= ${fromEpochMs("$1")}
      ORDER BY least(next_run_at, catch_up_at), credential_id LIMIT $2 FOR UPDATE SKIP LOCKED
    ) schedules
    CROSS JOIN LATERAL (
      SELECT * FROM ${tables.credentials} held WHERE held.credential_id = schedules.credential_id LIMIT 1
    ) credential
    LEFT JOIN LATERAL (
      SELECT * FROM ${tables.credential_states} kept WHERE kept.credential_id = schedules.credential_id LIMIT 1
    ) state ON true
    ORDER BY least(next_run_at, catch_up_at), schedules.credential_id`,
    [at, limit],
  );
  return rows.map(({ catchUpAt, catchUpRunId, connection, runs, resumedAt, ...row }) => ({
    schedule: toStoredSchedule(withoutPause(row)),
    catchUp: catchUpAt === null || catchUpRunId === null ? null : { runAt: catchUpAt, runId: catchUpRunId },
    state: {
      connection,
      runs: runs === null ? noRunsState : JSON.parse(runs),
      pause: toPause(row),
      resumedAt,
    },
  }));
}

function withoutPause({
  pauseReason: _pauseReason,
  pausedBy: _pausedBy,
  pausedAt: _pausedAt,
  pausedUntil: _pausedUntil,
  ...row
}: ScheduleRow & PauseRow): ScheduleRow {
  return row;
}

async function moveOn(
  { query }: SqlTransaction,
  tables: Tables,
  { schedule }: DueSchedule,
  { next, catchUp, decidedUntil }: ReturnType<ClaimParams["decide"]>,
  enqueuedAt: number | null,
): Promise<void> {
  await query(
    `UPDATE ${tables.schedules} SET next_nominal_at = ${time("$2")}, next_run_at = ${time("$3")},
      decided_until = ${time("$4")}, catch_up_at = ${time("$5")}, catch_up_run_id = $6,
      last_enqueued_at = coalesce(${time("$7")}, last_enqueued_at)
    WHERE credential_id = $1`,
    [
      schedule.credentialId,
      next?.nominalAt ?? null,
      next?.runAt ?? null,
      decidedUntil,
      catchUp?.runAt ?? null,
      catchUp?.runId ?? null,
      enqueuedAt,
    ],
  );
}
