import type { Page, PageRequest, ScheduleFilter, ScheduleStore, StoredSchedule } from "@titan-sync/core";
import { changedMeanwhile, decodeCursor, rowsWanted, toPage } from "@titan-sync/core/support";
import { Conditions } from "../database/conditions.js";
import type { Database } from "../database/database.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { epochMs, fromEpochMs } from "../database/values.js";
import { addStarts } from "./start-entries.js";

export type ScheduleRow = Omit<StoredSchedule, "quietDays"> & { readonly quietDays: string };

export const scheduleColumns = `schedules.credential_id AS "credentialId", schedules.company_id AS "companyId", cron,
  every, time_zone AS "timeZone", start_window AS "window", quiet_days::text AS "quietDays", data,
  full_every AS "fullEvery", enabled, ${epochMs("next_nominal_at")} AS "nextNominalAt",
  ${epochMs("next_run_at")} AS "nextRunAt", ${epochMs("decided_until")} AS "decidedUntil", revision,
  ${epochMs("schedules.created_at")} AS "createdAt", ${epochMs("schedules.updated_at")} AS "updatedAt"`;

/** With the milliseconds that the column has, so that a time that was read is found again. */
export const time = (parameter: string): string => `${fromEpochMs(parameter)}::timestamptz(3)`;

export async function findSchedule(
  { query, tables }: Database,
  credentialId: string,
): Promise<StoredSchedule | null> {
  const { rows } = await query<ScheduleRow>(
    `SELECT ${scheduleColumns} FROM ${tables.schedules} WHERE credential_id = $1`,
    [credentialId],
  );
  return rows[0] === undefined ? null : toStoredSchedule(rows[0]);
}

/** Ordered by company and credential. */
export async function listSchedules(
  { query, tables }: Database,
  filter: ScheduleFilter,
  page: PageRequest,
): Promise<Page<StoredSchedule>> {
  const conditions = new Conditions()
    .add(filter.companyId, (value) => `company_id = ${value}`)
    .add(filter.companyIds, (value) => `company_id = ANY (${value}::text[])`)
    .addAll(
      decodeCursor("schedules", 2, page),
      (companyId, credentialId) => `(company_id, credential_id) > (${companyId}, ${credentialId})`,
    );
  const limit = conditions.bind(rowsWanted(page));
  const { rows } = await query<ScheduleRow>(
    `SELECT ${scheduleColumns} FROM ${tables.schedules}${conditions.where}
    ORDER BY schedules.company_id, schedules.credential_id LIMIT ${limit}`,
    conditions.values,
  );
  return toPage("schedules", rows, page, {
    item: toStoredSchedule,
    place: (row) => [row.companyId, row.credentialId],
  });
}

export async function saveSchedule(
  { transaction, tables }: Database,
  params: Parameters<ScheduleStore["saveSchedule"]>[0],
): Promise<StoredSchedule> {
  return await transaction(async (open) => {
    const saved = await save(open, tables, params);
    await addStarts(open, tables, saved, params.decided ?? []);
    return saved;
  });
}

async function save(
  { query }: SqlTransaction,
  tables: Tables,
  { schedule, expectedRevision }: Parameters<ScheduleStore["saveSchedule"]>[0],
): Promise<StoredSchedule> {
  const values = [
    schedule.credentialId,
    schedule.cron,
    schedule.every,
    schedule.timeZone,
    schedule.window,
    JSON.stringify(schedule.quietDays),
    schedule.data,
    schedule.fullEvery,
    schedule.enabled,
    schedule.nextNominalAt,
    schedule.nextRunAt,
    schedule.decidedUntil,
  ];
  const { rows } =
    expectedRevision === null
      ? await query<ScheduleRow>(
          `INSERT INTO ${tables.schedules}
            (credential_id, company_id, cron, every, time_zone, start_window, quiet_days, data, full_every, enabled,
              next_nominal_at, next_run_at, decided_until, created_at, updated_at)
          SELECT credential_id, company_id, $2, $3, $4, $5, $6::json, $7, $8, $9::boolean,
            ${time("$10")}, ${time("$11")}, ${time("$12")}, now.at, now.at
          FROM ${tables.credentials}, (SELECT clock_timestamp() AS at) now
          WHERE credential_id = $1
          ON CONFLICT (credential_id) DO NOTHING RETURNING ${scheduleColumns}`,
          values,
        )
      : await query<ScheduleRow>(
          `UPDATE ${tables.schedules}
          SET cron = $2, every = $3, time_zone = $4, start_window = $5, quiet_days = $6::json, data = $7,
            full_every = $8, enabled = $9, next_nominal_at = ${time("$10")}, next_run_at = ${time("$11")},
            decided_until = ${time("$12")}, catch_up_at = NULL, catch_up_run_id = NULL, revision = revision + 1, updated_at = clock_timestamp()
          WHERE credential_id = $1 AND revision = $13 RETURNING ${scheduleColumns}`,
          [...values, expectedRevision],
        );
  if (rows[0] !== undefined) return toStoredSchedule(rows[0]);
  throw changedMeanwhile("schedule or its credential");
}

export async function removeSchedule(
  { query, tables }: Database,
  { credentialId, expectedRevision }: Parameters<ScheduleStore["removeSchedule"]>[0],
): Promise<boolean> {
  const { rows } = await query<{ found: boolean; removed: boolean }>(
    `WITH found AS (
      SELECT revision FROM ${tables.schedules} WHERE credential_id = $1
    ),
    removed AS (
      DELETE FROM ${tables.schedules}
      WHERE credential_id = $1 AND revision = coalesce($2::integer, revision) RETURNING revision
    )
    SELECT EXISTS (SELECT FROM found) AS found, EXISTS (SELECT FROM removed) AS removed`,
    [credentialId, expectedRevision ?? null],
  );
  const [{ found, removed } = { found: false, removed: false }] = rows;
  if (found && !removed) throw changedMeanwhile("schedule or its credential");
  return removed;
}

export function toStoredSchedule(row: ScheduleRow): StoredSchedule {
  return { ...row, quietDays: JSON.parse(row.quietDays) as string[] };
}
