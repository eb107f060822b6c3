import {
  backgroundHorizonMs,
  interactiveHorizonMs,
  type Reservation,
  type ReserveParams,
  type SharedBudget,
  type ThrottleParams,
} from "@titan-sync/core";
import { recoveryStepMs, recoveryStepShare } from "@titan-sync/core/support";
import type { Database } from "../database/database.js";
import { epochMs, fromEpochMs } from "../database/values.js";

const secondMs = 1000;

interface StateRow {
  readonly at_ms: number;
  readonly rate: number;
  readonly pause_end_ms: number | null;
  readonly last_429_ms: number | null;
}

interface GrantRow extends StateRow {
  readonly first_ms: number;
  readonly gap_ms: number;
  readonly count: number;
}

/**
 * The budget `$1` as it is for a caller with the full rate `$2`, as tables of a `WITH`. Its row is locked
 * before the clock is read, so later callers read a later time. Each table is evaluated once, so that one
 * statement sees one time.
 */
function budgetAt({ tables }: Pick<Database, "tables">): string {
  return `
    locked AS MATERIALIZED (
      SELECT ${epochMs("next_slot_at")} AS next_slot_ms, ${epochMs("paused_until")} AS paused_until_ms,
        ${epochMs("last_429_at")} AS last_429_ms, lowered_rate, ${epochMs("lowered_since")} AS lowered_since_ms
      FROM ${tables.rate_limits} WHERE budget_key = $1 FOR UPDATE
    ), moment AS MATERIALIZED (
      SELECT locked.*, ${epochMs("clock_timestamp()")} AS at_ms FROM locked
    ), budget AS MATERIALIZED (
      SELECT moment.*, CASE WHEN paused_until_ms > at_ms THEN paused_until_ms END AS pause_end_ms,
        least($2::float8, coalesce(
          lowered_rate + floor(greatest(0, at_ms - lowered_since_ms) / ${recoveryStepMs})
            * greatest(1, floor($2::float8 * ${recoveryStepShare})), $2::float8)) AS rate
      FROM moment
    )`;
}

export async function reserve(database: Database, params: Readonly<ReserveParams>): Promise<Reservation> {
  const { key, wanted, ratePerSecond, slotLifeMs, priority } = params;
  const horizonMs = priority === "interactive" ? interactiveHorizonMs : backgroundHorizonMs;
  const row = await queryBudget<GrantRow>(
    database,
    `WITH ${budgetAt(database)}, free AS MATERIALIZED (
      SELECT budget.*, $3::float8 / rate AS gap_ms,
        -- A clock that was set back leaves a time that will not come for long.
        CASE WHEN next_slot_ms > at_ms + ${2 * interactiveHorizonMs} THEN at_ms
          ELSE greatest(next_slot_ms, at_ms) END AS first_ms
      FROM budget
    ), granted AS MATERIALIZED (
      SELECT free.*, CASE WHEN pause_end_ms IS NULL
        THEN greatest(0, least($4::float8, floor((at_ms + $5::float8 - first_ms) / gap_ms) + 1))
        ELSE 0 END AS count
      FROM free
    )
    UPDATE ${database.tables.rate_limits} SET next_slot_at = ${fromEpochMs("(first_ms + count * gap_ms)")}
    FROM granted WHERE budget_key = $1
    RETURNING at_ms, rate, pause_end_ms, granted.last_429_ms, first_ms, gap_ms, count`,
    [key, ratePerSecond, secondMs + slotLifeMs, wanted, horizonMs],
  );
  return {
    ...toState(row),
    slots: Array.from({ length: row.count }, (_slot, index) => row.first_ms + index * row.gap_ms),
    nextAt: row.pause_end_ms ?? row.first_ms + row.count * row.gap_ms - horizonMs,
  };
}

export async function throttle(database: Database, params: Readonly<ThrottleParams>): Promise<SharedBudget> {
  const { key, ratePerSecond, pauseMs } = params;
  const row = await queryBudget<StateRow>(
    database,
    `WITH ${budgetAt(database)}, judged AS MATERIALIZED (
      SELECT budget.*, pause_end_ms IS NULL AND coalesce(at_ms - last_429_ms >= ${secondMs}, true) AS is_new,
        greatest(1, floor(rate / 2)) AS half, at_ms + $3::float8 AS until_ms
      FROM budget
    )
    UPDATE ${database.tables.rate_limits} AS kept
    SET last_429_at = ${fromEpochMs("at_ms")},
      paused_until = greatest(kept.paused_until, ${fromEpochMs("until_ms")}),
      lowered_rate = CASE WHEN is_new THEN half ELSE kept.lowered_rate END,
      lowered_since = CASE WHEN is_new THEN ${fromEpochMs("until_ms")} ELSE kept.lowered_since END
    FROM judged WHERE kept.budget_key = $1
    RETURNING at_ms, CASE WHEN is_new THEN half ELSE rate END AS rate,
      CASE WHEN greatest(pause_end_ms, until_ms) > at_ms THEN ${epochMs("kept.paused_until")} END AS pause_end_ms,
      ${epochMs("kept.last_429_at")} AS last_429_ms`,
    [key, ratePerSecond, pauseMs],
  );
  return toState(row);
}

/** A budget that has not been used yet is created first. */
async function queryBudget<Row extends object>(
  { query, tables }: Database,
  text: string,
  values: readonly [key: string, ...rest: readonly unknown[]],
): Promise<Row> {
  for (;;) {
    const { rows } = await query<Row>(text, values);
    const [row] = rows;
    if (row !== undefined) return row;
    await pruneBudgets({ query, tables });
    await query(`INSERT INTO ${tables.rate_limits} (budget_key) VALUES ($1) ON CONFLICT DO NOTHING`, [
      values[0],
    ]);
  }
}

/**
 * A budget that has not been used for a day is equivalent to a new one. Creating one deletes a few of
 * those.
 */
async function pruneBudgets({ query, tables }: Pick<Database, "query" | "tables">): Promise<void> {
  await query(
    `DELETE FROM ${tables.rate_limits} WHERE budget_key IN (
      SELECT budget_key FROM ${tables.rate_limits}
      WHERE greatest(next_slot_at, paused_until, last_429_at) < clock_timestamp() - interval '1 day'
      LIMIT 100 FOR UPDATE SKIP LOCKED
    )`,
    [],
  );
}

function toState({ at_ms, rate, pause_end_ms, last_429_ms }: StateRow): SharedBudget {
  return { at: at_ms, ratePerSecond: rate, pausedUntil: pause_end_ms, last429At: last_429_ms };
}
