import {
  type ClaimedStarts,
  type DueSchedule,
  type Outage,
  type StartLedger,
  StorageError,
  type StoredStart,
} from "@titan-sync/core";
import { noRunsState, outageAt, type PauseRow, settleEntries, toPause } from "@titan-sync/core/support";
import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";
import { requireKnown } from "../migrations/migrate.js";
import { pauseColumns } from "./credential-states.js";
import { type ScheduleRow, scheduleColumns, toStoredSchedule } from "./schedules.js";
import { addStarts } from "./start-entries.js";

type ClaimParams = Parameters<StartLedger["claimDueStarts"]>[0];

const minuteMs = 60_000;
/** When a schedule is due: with its next start or its catch-up. As the index has it. */
const dueAt = "coalesce(min(next_run_at, catch_up_at), next_run_at, catch_up_at)";

/**
 * Decides about due schedules. Schedulers take turns, as all who write to the file.
 * @throws `ConfigError` unless this program works with the file.
 */
export async function claimDueStarts(database: Database, params: ClaimParams): Promise<ClaimedStarts> {
  const { at, limit, maxPerMinute, decide, enqueue } = params;
  return await database.transaction(async (transaction) => {
    requireKnown(transaction, database.knownMigrations);
    const outage = recordTick(transaction, params);
    const allowed = Math.min(limit, maxPerMinute - countEnqueued(transaction, at));
    const due = allowed > 0 ? findDue(transaction, at, allowed) : [];
    const entries: StoredStart[] = [];
    for (const one of due) {
      const decision = decide(one, outage);
      const enqueued = decision.job === null ? null : await enqueue(decision.job, transaction);
      moveOn(transaction, one, decision, enqueued?.outcome === "queued" ? at : null);
      entries.push(...addStarts(transaction, one.schedule, settleEntries(decision, enqueued)));
    }
    return { entries, schedules: due.length };
  });
}

export async function findLastTick(database: Database): Promise<number | null> {
  const row = await database.read((statements) =>
    statements.get<{ at: number | null }>("SELECT last_tick_at AS at FROM scheduler"),
  );
  return row?.at ?? null;
}

interface TickRow {
  readonly lastTick: number | null;
  readonly outageFrom: number | null;
  readonly outageUntil: number | null;
}

/** @returns the last time in which no scheduler was running. */
function recordTick(
  statements: Statements,
  { at, outageAfterMs }: Pick<ClaimParams, "at" | "outageAfterMs">,
): Outage | null {
  const row = statements.get<TickRow>(
    "SELECT last_tick_at AS lastTick, outage_from AS outageFrom, outage_until AS outageUntil FROM scheduler",
  );
  const { lastTick = null, outageFrom = null, outageUntil = null } = row ?? {};
  const known = outageFrom === null || outageUntil === null ? null : { from: outageFrom, until: outageUntil };
  const outage = outageAt({ at, lastTick, outage: known, outageAfterMs });
  statements.run(
    `INSERT INTO scheduler (singleton, last_tick_at, outage_from, outage_until) VALUES (1, ?1, ?2, ?3)
    ON CONFLICT (singleton) DO UPDATE SET last_tick_at = max(last_tick_at, excluded.last_tick_at),
      outage_from = excluded.outage_from, outage_until = excluded.outage_until`,
    at,
    outage?.from ?? null,
    outage?.until ?? null,
  );
  return outage;
}

function countEnqueued(statements: Statements, at: number): number {
  const row = statements.get<{ count: number }>(
    "SELECT count(*) AS count FROM schedules INDEXED BY schedules_enqueued WHERE last_enqueued_at > ?1",
    at - minuteMs,
  );
  return row?.count ?? 0;
}

type DueRow = ScheduleRow &
  PauseRow & {
    readonly catchUpAt: number | null;
    readonly catchUpRunId: string | null;
    readonly connection: DueSchedule["state"]["connection"];
    readonly runs: string | null;
    readonly resumedAt: number | null;
  };

function findDue(statements: Statements, at: number, limit: number): readonly DueSchedule[] {
  const rows = statements.all<DueRow>(
    `SELECT ${scheduleColumns}, catch_up_at AS catchUpAt, catch_up_run_id AS catchUpRunId
    FROM schedules INDEXED BY schedules_due WHERE enabled = 1 AND ${dueAt} <= ?1
    ORDER BY ${dueAt}, credential_id LIMIT ?2`,
    at,
    limit,
  );
  return rows.map(({ catchUpAt, catchUpRunId, ...row }) => ({
    schedule: toStoredSchedule(row),
    catchUp: catchUpAt === null || catchUpRunId === null ? null : { runAt: catchUpAt, runId: catchUpRunId },
    state: stateOf(statements, row.credentialId),
  }));
}

function stateOf(statements: Statements, credentialId: string): DueSchedule["state"] {
  const row = statements.get<PauseRow & Pick<DueRow, "connection" | "runs" | "resumedAt">>(
    `SELECT credential.status AS connection,
      CASE WHEN state.tenant_id = credential.tenant_id THEN state.runs_state END AS runs, ${pauseColumns},
      state.resumed_at AS resumedAt
    FROM credentials credential LEFT JOIN credential_states state ON state.credential_id = credential.credential_id
    WHERE credential.credential_id = ?1`,
    credentialId,
  );
  if (row === undefined) throw new StorageError(`The schedule of ${credentialId} has no credential.`);
  const { connection, runs, resumedAt } = row;
  return {
    connection,
    runs: runs === null ? noRunsState : JSON.parse(runs),
    pause: toPause(row),
    resumedAt,
  };
}

function moveOn(
  statements: Statements,
  { schedule }: DueSchedule,
  { next, catchUp, decidedUntil }: ReturnType<ClaimParams["decide"]>,
  enqueuedAt: number | null,
): void {
  statements.run(
    `UPDATE schedules SET next_nominal_at = ?2, next_run_at = ?3, decided_until = ?4, catch_up_at = ?5,
      catch_up_run_id = ?6, last_enqueued_at = coalesce(?7, last_enqueued_at)
    WHERE credential_id = ?1`,
    schedule.credentialId,
    next?.nominalAt ?? null,
    next?.runAt ?? null,
    decidedUntil,
    catchUp?.runAt ?? null,
    catchUp?.runId ?? null,
    enqueuedAt,
  );
}
