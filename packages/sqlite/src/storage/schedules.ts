import type { Page, PageRequest, ScheduleFilter, ScheduleStore, StoredSchedule } from "@titan-sync/core";
import { changedMeanwhile, decodeCursor, rowsWanted, toPage } from "@titan-sync/core/support";
import { Conditions } from "../database/conditions.js";
import type { Database } from "../database/database.js";
import { addStarts } from "./start-entries.js";

export type ScheduleRow = Omit<StoredSchedule, "quietDays" | "enabled"> & {
  readonly quietDays: string;
  readonly enabled: number;
};

export const scheduleColumns = `credential_id AS credentialId, company_id AS companyId, cron, every, time_zone AS timeZone,
  start_window AS window, quiet_days AS quietDays, data, full_every AS fullEvery, enabled,
  next_nominal_at AS nextNominalAt, next_run_at AS nextRunAt,
  decided_until AS decidedUntil, revision, created_at AS createdAt,
  updated_at AS updatedAt`;

export async function findSchedule(database: Database, credentialId: string): Promise<StoredSchedule | null> {
  const row = await database.read((statements) =>
    statements.get<ScheduleRow>(
      `SELECT ${scheduleColumns} FROM schedules WHERE credential_id = ?1`,
      credentialId,
    ),
  );
  return row === undefined ? null : toStoredSchedule(row);
}

/** Ordered by company and credential. */
export async function listSchedules(
  database: Database,
  filter: ScheduleFilter,
  page: PageRequest,
): Promise<Page<StoredSchedule>> {
  const conditions = new Conditions()
    .add(filter.companyId, (value) => `company_id = ${value}`)
    .addAny("company_id", filter.companyIds)
    .addAll(
      decodeCursor("schedules", 2, page),
      (companyId, credentialId) => `(company_id, credential_id) > (${companyId}, ${credentialId})`,
    );
  const limit = conditions.bind(rowsWanted(page));
  const rows = await database.read((statements) =>
    statements.all<ScheduleRow>(
      `SELECT ${scheduleColumns} FROM schedules${conditions.where} ORDER BY company_id, credential_id LIMIT ${limit}`,
      ...conditions.values,
    ),
  );
  return toPage("schedules", rows, page, {
    item: toStoredSchedule,
    place: (row) => [row.companyId, row.credentialId],
  });
}

export async function saveSchedule(
  database: Database,
  { schedule, expectedRevision, decided = [] }: Parameters<ScheduleStore["saveSchedule"]>[0],
): Promise<StoredSchedule> {
  const row = await database.transaction((transaction) => {
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
    ] as const;
    const now = database.now();
    const saved =
      expectedRevision === null
        ? transaction.get<ScheduleRow>(
            `INSERT INTO schedules
            (credential_id, company_id, cron, every, time_zone, start_window, quiet_days, data, full_every, enabled,
              next_nominal_at, next_run_at, decided_until, created_at, updated_at)
          SELECT credential_id, company_id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13
          FROM credentials WHERE credential_id = ?1
          ON CONFLICT (credential_id) DO NOTHING RETURNING ${scheduleColumns}`,
            ...values,
            now,
          )
        : transaction.get<ScheduleRow>(
            `UPDATE schedules
          SET cron = ?2, every = ?3, time_zone = ?4, start_window = ?5, quiet_days = ?6, data = ?7, full_every = ?8,
            enabled = ?9, next_nominal_at = ?10, next_run_at = ?11, decided_until = ?12, catch_up_at = NULL,
            catch_up_run_id = NULL, revision = revision + 1, updated_at = ?13
          WHERE credential_id = ?1 AND revision = ?14 RETURNING ${scheduleColumns}`,
            ...values,
            now,
            expectedRevision,
          );
    if (saved !== undefined) addStarts(transaction, saved, decided);
    return saved;
  });
  if (row !== undefined) return toStoredSchedule(row);
  throw changedMeanwhile("schedule or its credential");
}

export async function removeSchedule(
  database: Database,
  { credentialId, expectedRevision }: Parameters<ScheduleStore["removeSchedule"]>[0],
): Promise<boolean> {
  return await database.transaction((transaction) => {
    const found = transaction.get<{ revision: number }>(
      "SELECT revision FROM schedules WHERE credential_id = ?1",
      credentialId,
    );
    if (found === undefined) return false;
    if (expectedRevision !== undefined && expectedRevision !== found.revision)
      throw changedMeanwhile("schedule or its credential");
    return transaction.run("DELETE FROM schedules WHERE credential_id = ?1", credentialId) > 0;
  });
}

export function toStoredSchedule(row: ScheduleRow): StoredSchedule {
  return { ...row, quietDays: JSON.parse(row.quietDays) as string[], enabled: row.enabled === 1 };
}
