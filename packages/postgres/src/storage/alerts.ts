import type {
  AlertFilter,
  AlertIncident,
  AlertSilence,
  AlertStore,
  AlertTick,
  Page,
  PageRequest,
  Storage,
  StoredAlert,
  StoredAlerts,
} from "@titan-sync/core";
import { decodeCursor, rowsWanted, toPage } from "@titan-sync/core/support";
import { Conditions } from "../database/conditions.js";
import type { Database } from "../database/database.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { epochMs, fromEpochMs } from "../database/values.js";
import { channelHealth, insertMessages } from "./alert-messages.js";

const alertColumns = `kind, subject, company_id AS "companyId", state, severity, cause, ${epochMs("since")} AS since,
  ${epochMs("due_at")} AS "dueAt", ${epochMs("clear_since")} AS "clearSince",
  ${epochMs("recovered_at")} AS "recoveredAt", incident_id AS "incidentId", flaps, figures::text AS figures`;
const incidentColumns = `incident_id AS id, kind, cause, severity, ${epochMs("opened_at")} AS "openedAt",
  ${epochMs("closed_at")} AS "closedAt", ${epochMs("last_message_at")} AS "lastMessageAt", level,
  ${epochMs("acknowledged_at")} AS "acknowledgedAt", acknowledged_by AS "acknowledgedBy",
  company_ids::text AS "companyIds"`;
const silenceColumns = `silence_id AS id, kind, company_id AS "companyId", ${epochMs("until")} AS until, reason, actor,
  ${epochMs("created_at")} AS "createdAt"`;

type AlertRow = Omit<StoredAlert, "figures"> & { readonly figures: string };
type IncidentRow = Omit<AlertIncident, "companyIds"> & { readonly companyIds: string };
/** With the milliseconds that the columns have. */
const given = (field: string): string => `${fromEpochMs(`(given ->> '${field}')`)}::timestamptz(3)`;

export async function readAlerts(
  { query, tables }: Database,
  { incidentsSince }: Parameters<AlertStore["readAlerts"]>[0],
): Promise<StoredAlerts> {
  // First: what is read after it is at least as new, and a tick that is based on an older one is not committed.
  const ticks = await query<{ revision: number; tickAt: number | null; now: number }>(
    `SELECT revision, ${epochMs("tick_at")} AS "tickAt", ${epochMs("clock_timestamp()::timestamptz(3)")} AS now
    FROM ${tables.alert_ticks}`,
  );
  const alerts = await query<AlertRow>(
    `SELECT ${alertColumns} FROM ${tables.alerts} ORDER BY alerts.kind, alerts.subject`,
  );
  const incidents = await query<IncidentRow>(
    `SELECT ${incidentColumns} FROM ${tables.alert_incidents}
    WHERE closed_at IS NULL OR opened_at >= ${fromEpochMs("$1")}`,
    [incidentsSince],
  );
  const silences = await query<AlertSilence>(
    `SELECT ${silenceColumns} FROM ${tables.alert_silences} WHERE alert_silences.until > clock_timestamp()`,
  );
  const [tick] = ticks.rows;
  return {
    revision: tick?.revision ?? 0,
    tickAt: tick?.tickAt ?? null,
    now: tick?.now ?? 0,
    alerts: alerts.rows.map(toAlert),
    incidents: incidents.rows.map(toIncident),
    silences: silences.rows,
    channels: await channelHealth(query, tables),
  };
}

export async function commitAlertTick(
  { transaction, tables }: Database,
  { expectedRevision, at, alerts, removed, incidents, messages }: AlertTick,
): Promise<boolean> {
  return await transaction(async (open) => {
    const { rowCount } = await open.query(
      `UPDATE ${tables.alert_ticks} SET revision = revision + 1, tick_at = ${fromEpochMs("$2")} WHERE revision = $1`,
      [expectedRevision, at],
    );
    if (rowCount === 0) return false;
    if (removed.length > 0) {
      await open.query(
        `DELETE FROM ${tables.alerts} WHERE (kind, subject) IN (
          SELECT given ->> 'kind', given ->> 'subject' FROM json_array_elements($1::json) AS one (given)
        )`,
        [JSON.stringify(removed)],
      );
    }
    await saveAlerts(open, tables, alerts);
    await saveIncidents(open, tables, incidents);
    await insertMessages(open.query, tables, messages);
    return true;
  });
}

async function saveAlerts(
  { query }: SqlTransaction,
  tables: Tables,
  alerts: readonly StoredAlert[],
): Promise<void> {
  if (alerts.length === 0) return;
  await query(
    `INSERT INTO ${tables.alerts} (kind, subject, company_id, state, severity, cause, since, due_at, clear_since,
      recovered_at, incident_id, flaps, figures)
    SELECT given ->> 'kind', given ->> 'subject', given ->> 'companyId', given ->> 'state', given ->> 'severity',
      given ->> 'cause', ${given("since")}, ${given("dueAt")}, ${given("clearSince")}, ${given("recoveredAt")},
      given ->> 'incidentId', (given ->> 'flaps')::integer, given -> 'figures'
    FROM json_array_elements($1::json) AS one (given)
    ON CONFLICT (kind, subject) DO UPDATE SET company_id = excluded.company_id, state = excluded.state,
      severity = excluded.severity, cause = excluded.cause, since = excluded.since, due_at = excluded.due_at,
      clear_since = excluded.clear_since, recovered_at = excluded.recovered_at, incident_id = excluded.incident_id,
      flaps = excluded.flaps, figures = excluded.figures`,
    [JSON.stringify(alerts)],
  );
}

async function saveIncidents(
  { query }: SqlTransaction,
  tables: Tables,
  incidents: readonly AlertIncident[],
): Promise<void> {
  if (incidents.length === 0) return;
  await query(
    `INSERT INTO ${tables.alert_incidents} (incident_id, kind, cause, severity, opened_at, closed_at,
      last_message_at, level, acknowledged_at, acknowledged_by, company_ids)
    SELECT given ->> 'id', given ->> 'kind', given ->> 'cause', given ->> 'severity', ${given("openedAt")},
      ${given("closedAt")}, ${given("lastMessageAt")}, (given ->> 'level')::integer, ${given("acknowledgedAt")},
      given ->> 'acknowledgedBy', given -> 'companyIds'
    FROM json_array_elements($1::json) AS one (given)
    ON CONFLICT (incident_id) DO UPDATE SET severity = excluded.severity, closed_at = excluded.closed_at,
      last_message_at = excluded.last_message_at, level = excluded.level, company_ids = excluded.company_ids`,
    [JSON.stringify(incidents)],
  );
}

/** Ordered by kind and subject. */
export async function listAlerts(
  { query, tables }: Database,
  { companyIds, state }: AlertFilter,
  page: PageRequest,
): Promise<Page<StoredAlert>> {
  const conditions = new Conditions()
    .add(companyIds, (value) => `company_id = ANY (${value}::text[])`)
    .add(state, (value) => `state = ${value}`)
    .addAll(decodeCursor("alerts", 2, page), (kind, subject) => `(kind, subject) > (${kind}, ${subject})`);
  const limit = conditions.bind(rowsWanted(page));
  const { rows } = await query<AlertRow>(
    `SELECT ${alertColumns} FROM ${tables.alerts}${conditions.where}
    ORDER BY alerts.kind, alerts.subject LIMIT ${limit}`,
    conditions.values,
  );
  return toPage("alerts", rows, page, { item: toAlert, place: ({ kind, subject }) => [kind, subject] });
}

/** Newest first. */
export async function listIncidents(
  { query, tables }: Database,
  { open }: Parameters<AlertStore["listIncidents"]>[0],
  page: PageRequest,
): Promise<Page<AlertIncident>> {
  const conditions = new Conditions()
    .add(open, (value) => `(closed_at IS NULL) = ${value}::boolean`)
    .addAll(
      decodeCursor("incidents", 2, page),
      (openedAt, id) => `(opened_at, incident_id) < (${fromEpochMs(openedAt ?? "")}::timestamptz(3), ${id})`,
    );
  const limit = conditions.bind(rowsWanted(page));
  const { rows } = await query<IncidentRow>(
    `SELECT ${incidentColumns} FROM ${tables.alert_incidents}${conditions.where}
    ORDER BY opened_at DESC, incident_id DESC LIMIT ${limit}`,
    conditions.values,
  );
  return toPage("incidents", rows, page, {
    item: toIncident,
    place: ({ openedAt, id }) => [String(openedAt), id],
  });
}

export async function acknowledgeIncident(
  { transaction, tables }: Database,
  { incidentId, actor }: Parameters<AlertStore["acknowledgeIncident"]>[0],
): Promise<AlertIncident | null> {
  return await transaction(async (open) => {
    // In the order of commitAlertTick, which locks the tick before the incidents.
    await increaseRevision(open, tables);
    await open.query(
      `UPDATE ${tables.alert_incidents} SET acknowledged_at = clock_timestamp(), acknowledged_by = $2
      WHERE incident_id = $1 AND closed_at IS NULL AND acknowledged_at IS NULL`,
      [incidentId, actor],
    );
    const { rows } = await open.query<IncidentRow>(
      `SELECT ${incidentColumns} FROM ${tables.alert_incidents} WHERE incident_id = $1 AND closed_at IS NULL`,
      [incidentId],
    );
    return rows[0] === undefined ? null : toIncident(rows[0]);
  });
}

export async function addSilence(
  { transaction, tables }: Database,
  { id, kind, companyId, until, reason, actor }: Parameters<AlertStore["addSilence"]>[0],
): Promise<AlertSilence> {
  return await transaction(async (open) => {
    await increaseRevision(open, tables);
    const { rows } = await open.query<AlertSilence>(
      `INSERT INTO ${tables.alert_silences} (silence_id, kind, company_id, until, reason, actor, created_at)
      VALUES ($1, $2, $3, ${fromEpochMs("$4")}, $5, $6, clock_timestamp()) RETURNING ${silenceColumns}`,
      [id, kind, companyId, until, reason, actor],
    );
    const [row] = rows;
    if (row === undefined) throw new TypeError("INSERT … RETURNING returned no row.");
    return row;
  });
}

export async function endSilence({ transaction, tables }: Database, id: string): Promise<boolean> {
  return await transaction(async (open) => {
    await increaseRevision(open, tables);
    const { rowCount } = await open.query(
      `UPDATE ${tables.alert_silences} SET until = clock_timestamp()
      WHERE silence_id = $1 AND until > clock_timestamp()`,
      [id],
    );
    return rowCount > 0;
  });
}

/** Newest first. */
export async function listSilences(
  { query, tables }: Database,
  page: PageRequest,
): Promise<Page<AlertSilence>> {
  const conditions = new Conditions().addAll(
    decodeCursor("silences", 2, page),
    (createdAt, id) => `(created_at, silence_id) < (${fromEpochMs(createdAt ?? "")}::timestamptz(3), ${id})`,
  );
  const limit = conditions.bind(rowsWanted(page));
  const { rows } = await query<AlertSilence>(
    `SELECT ${silenceColumns} FROM ${tables.alert_silences}${conditions.where}
    ORDER BY created_at DESC, silence_id DESC LIMIT ${limit}`,
    conditions.values,
  );
  return toPage("silences", rows, page, {
    item: (row) => row,
    place: ({ createdAt, id }) => [String(createdAt), id],
  });
}

export async function pruneAlerts(
  { query, tables }: Database,
  { before, limit }: Parameters<Storage["pruneAlerts"]>[0],
): Promise<number> {
  const prune = async (table: string, key: string, time: string, most: number): Promise<number> => {
    const { rowCount } = await query(
      `DELETE FROM ${table} WHERE (${key}) IN (
        SELECT ${key} FROM ${table} WHERE ${time} < ${fromEpochMs("$1")} ORDER BY ${time} LIMIT $2
      )`,
      [before, most],
    );
    return rowCount;
  };
  let taken = await prune(tables.alert_incidents, "incident_id", "closed_at", limit);
  taken += await prune(tables.alert_silences, "silence_id", "until", limit - taken);
  taken += await prune(tables.alert_messages, "message_key, channel", "created_at", limit - taken);
  return taken;
}

async function increaseRevision({ query }: SqlTransaction, tables: Tables): Promise<void> {
  await query(`UPDATE ${tables.alert_ticks} SET revision = revision + 1`);
}

function toAlert({ figures, ...row }: AlertRow): StoredAlert {
  return { ...row, figures: JSON.parse(figures) as StoredAlert["figures"] };
}

function toIncident({ companyIds, ...row }: IncidentRow): AlertIncident {
  return { ...row, companyIds: JSON.parse(companyIds) as string[] };
}
