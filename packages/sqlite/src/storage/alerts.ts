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
import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";
import { channelHealth, insertMessages } from "./alert-messages.js";

const alertColumns = `kind, subject, company_id AS companyId, state, severity, cause, since, due_at AS dueAt,
  clear_since AS clearSince, recovered_at AS recoveredAt, incident_id AS incidentId, flaps, figures`;
const incidentColumns = `incident_id AS id, kind, cause, severity, opened_at AS openedAt, closed_at AS closedAt,
  last_message_at AS lastMessageAt, level, acknowledged_at AS acknowledgedAt, acknowledged_by AS acknowledgedBy,
  company_ids AS companyIds`;
const silenceColumns =
  "silence_id AS id, kind, company_id AS companyId, until, reason, actor, created_at AS createdAt";

type AlertRow = Omit<StoredAlert, "figures"> & { readonly figures: string };
type IncidentRow = Omit<AlertIncident, "companyIds"> & { readonly companyIds: string };

export async function readAlerts(
  database: Database,
  { incidentsSince }: Parameters<AlertStore["readAlerts"]>[0],
): Promise<StoredAlerts> {
  return await database.read((statements) => {
    const now = database.now();
    // First: what is read after it is at least as new, and a tick that is based on an older one is not committed.
    const tick = statements.get<{ revision: number; tickAt: number | null }>(
      "SELECT revision, tick_at AS tickAt FROM alert_ticks",
    );
    return {
      revision: tick?.revision ?? 0,
      tickAt: tick?.tickAt ?? null,
      now,
      alerts: statements
        .all<AlertRow>(`SELECT ${alertColumns} FROM alerts ORDER BY kind, subject`)
        .map(toAlert),
      incidents: statements
        .all<IncidentRow>(
          `SELECT ${incidentColumns} FROM alert_incidents WHERE closed_at IS NULL
          UNION ALL SELECT ${incidentColumns} FROM alert_incidents WHERE closed_at IS NOT NULL AND opened_at >= ?1`,
          incidentsSince,
        )
        .map(toIncident),
      silences: statements.all<AlertSilence>(
        `SELECT ${silenceColumns} FROM alert_silences WHERE until > ?1`,
        now,
      ),
      channels: channelHealth(statements, now),
    };
  });
}

export async function commitAlertTick(
  database: Database,
  { expectedRevision, at, alerts, removed, incidents, messages }: AlertTick,
): Promise<boolean> {
  return await database.transaction((transaction) => {
    const isNext = transaction.run(
      "UPDATE alert_ticks SET revision = revision + 1, tick_at = ?2 WHERE revision = ?1",
      expectedRevision,
      at,
    );
    if (isNext === 0) return false;
    for (const { kind, subject } of removed) {
      transaction.run("DELETE FROM alerts WHERE kind = ?1 AND subject = ?2", kind, subject);
    }
    for (const alert of alerts) saveAlert(transaction, alert);
    for (const incident of incidents) saveIncident(transaction, incident);
    insertMessages(transaction, messages, database.now());
    return true;
  });
}

function saveAlert(statements: Statements, alert: StoredAlert): void {
  statements.run(
    `INSERT OR REPLACE INTO alerts (kind, subject, company_id, state, severity, cause, since, due_at, clear_since,
      recovered_at, incident_id, flaps, figures)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)`,
    alert.kind,
    alert.subject,
    alert.companyId,
    alert.state,
    alert.severity,
    alert.cause,
    alert.since,
    alert.dueAt,
    alert.clearSince,
    alert.recoveredAt,
    alert.incidentId,
    alert.flaps,
    JSON.stringify(alert.figures),
  );
}

function saveIncident(statements: Statements, incident: AlertIncident): void {
  statements.run(
    `INSERT INTO alert_incidents (incident_id, kind, cause, severity, opened_at, closed_at, last_message_at, level,
      acknowledged_at, acknowledged_by, company_ids)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
    ON CONFLICT (incident_id) DO UPDATE SET severity = excluded.severity, closed_at = excluded.closed_at,
      last_message_at = excluded.last_message_at, level = excluded.level, company_ids = excluded.company_ids`,
    incident.id,
    incident.kind,
    incident.cause,
    incident.severity,
    incident.openedAt,
    incident.closedAt,
    incident.lastMessageAt,
    incident.level,
    incident.acknowledgedAt,
    incident.acknowledgedBy,
    JSON.stringify(incident.companyIds),
  );
}

/** Ordered by kind and subject. */
export async function listAlerts(
  database: Database,
  { companyIds, state }: AlertFilter,
  page: PageRequest,
): Promise<Page<StoredAlert>> {
  const conditions = new Conditions()
    .addAny("company_id", companyIds)
    .add(state, (value) => `state = ${value}`)
    .addAll(decodeCursor("alerts", 2, page), (kind, subject) => `(kind, subject) > (${kind}, ${subject})`);
  const limit = conditions.bind(rowsWanted(page));
  const rows = await database.read((statements) =>
    statements.all<AlertRow>(
      `SELECT ${alertColumns} FROM alerts${conditions.where} ORDER BY kind, subject LIMIT ${limit}`,
      ...conditions.values,
    ),
  );
  return toPage("alerts", rows, page, { item: toAlert, place: ({ kind, subject }) => [kind, subject] });
}

/** Newest first. */
export async function listIncidents(
  database: Database,
  { open }: Parameters<AlertStore["listIncidents"]>[0],
  page: PageRequest,
): Promise<Page<AlertIncident>> {
  const conditions = new Conditions()
    .add(open, (value) => `(closed_at IS NULL) = ${value}`)
    .addAll(
      decodeCursor("incidents", 2, page),
      (openedAt, id) => `(opened_at, incident_id) < (CAST(${openedAt} AS INTEGER), ${id})`,
    );
  const limit = conditions.bind(rowsWanted(page));
  const rows = await database.read((statements) =>
    statements.all<IncidentRow>(
      `SELECT ${incidentColumns} FROM alert_incidents${conditions.where}
      ORDER BY opened_at DESC, incident_id DESC LIMIT ${limit}`,
      ...conditions.values,
    ),
  );
  return toPage("incidents", rows, page, {
    item: toIncident,
    place: ({ openedAt, id }) => [String(openedAt), id],
  });
}

export async function acknowledgeIncident(
  database: Database,
  { incidentId, actor }: Parameters<AlertStore["acknowledgeIncident"]>[0],
): Promise<AlertIncident | null> {
  return await database.transaction((transaction) => {
    const changed = transaction.run(
      `UPDATE alert_incidents SET acknowledged_at = ?2, acknowledged_by = ?3
      WHERE incident_id = ?1 AND closed_at IS NULL AND acknowledged_at IS NULL`,
      incidentId,
      database.now(),
      actor,
    );
    if (changed > 0) increaseRevision(transaction);
    const row = transaction.get<IncidentRow>(
      `SELECT ${incidentColumns} FROM alert_incidents WHERE incident_id = ?1 AND closed_at IS NULL`,
      incidentId,
    );
    return row === undefined ? null : toIncident(row);
  });
}

export async function addSilence(
  database: Database,
  { id, kind, companyId, until, reason, actor }: Parameters<AlertStore["addSilence"]>[0],
): Promise<AlertSilence> {
  return await database.transaction((transaction) => {
    const createdAt = database.now();
    transaction.run(
      `INSERT INTO alert_silences (silence_id, kind, company_id, until, reason, actor, created_at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
      id,
      kind,
      companyId,
      until,
      reason,
      actor,
      createdAt,
    );
    increaseRevision(transaction);
    return { id, kind, companyId, until, reason, actor, createdAt };
  });
}

export async function endSilence(database: Database, id: string): Promise<boolean> {
  return await database.transaction((transaction) => {
    const ended = transaction.run(
      "UPDATE alert_silences SET until = ?2 WHERE silence_id = ?1 AND until > ?2",
      id,
      database.now(),
    );
    if (ended > 0) increaseRevision(transaction);
    return ended > 0;
  });
}

/** Newest first. */
export async function listSilences(database: Database, page: PageRequest): Promise<Page<AlertSilence>> {
  const conditions = new Conditions().addAll(
    decodeCursor("silences", 2, page),
    (createdAt, id) => `(created_at, silence_id) < (CAST(${createdAt} AS INTEGER), ${id})`,
  );
  const limit = conditions.bind(rowsWanted(page));
  const rows = await database.read((statements) =>
    statements.all<AlertSilence>(
      `SELECT ${silenceColumns} FROM alert_silences${conditions.where}
      ORDER BY created_at DESC, silence_id DESC LIMIT ${limit}`,
      ...conditions.values,
    ),
  );
  return toPage("silences", rows, page, {
    item: (row) => row,
    place: ({ createdAt, id }) => [String(createdAt), id],
  });
}

export async function pruneAlerts(
  database: Database,
  { before, limit }: Parameters<Storage["pruneAlerts"]>[0],
): Promise<number> {
  return await database.transaction((transaction) => {
    let taken = transaction.run(
      `DELETE FROM alert_incidents WHERE incident_id IN (
        SELECT incident_id FROM alert_incidents INDEXED BY alert_incidents_closed
        WHERE closed_at < ?1 ORDER BY closed_at LIMIT ?2
      )`,
      before,
      limit,
    );
    taken += transaction.run(
      `DELETE FROM alert_silences WHERE silence_id IN (
        SELECT silence_id FROM alert_silences INDEXED BY alert_silences_by_end
        WHERE until < ?1 ORDER BY until LIMIT ?2
      )`,
      before,
      limit - taken,
    );
    taken += transaction.run(
      `DELETE FROM alert_messages WHERE (message_key, channel) IN (
        SELECT message_key, channel FROM alert_messages INDEXED BY alert_messages_by_time
        WHERE created_at < ?1 ORDER BY created_at LIMIT ?2
      )`,
      before,
      limit - taken,
    );
    return taken;
  });
}

function increaseRevision(statements: Statements): void {
  statements.run("UPDATE alert_ticks SET revision = revision + 1");
}

function toAlert({ figures, ...row }: AlertRow): StoredAlert {
  return { ...row, figures: JSON.parse(figures) as StoredAlert["figures"] };
}

function toIncident({ companyIds, ...row }: IncidentRow): AlertIncident {
  return { ...row, companyIds: JSON.parse(companyIds) as string[] };
}
