import { randomUUID } from "node:crypto";
import type {
  AlertStore,
  ChannelHealth,
  ClaimedMessage,
  OutboxMessage,
  Page,
  PageRequest,
  StoredMessage,
} from "@titan-sync/core";
import { decodeCursor, rowsWanted, toPage } from "@titan-sync/core/support";
import { Conditions } from "../database/conditions.js";
import type { Statements } from "../database/connection.js";
import type { Database } from "../database/database.js";

const columns = `message_key AS key, channel, incident_id AS incidentId, body, created_at AS createdAt, attempts,
  sent_at AS sentAt, given_up_at AS givenUpAt, error_code AS errorCode`;
const waits = "sent_at IS NULL AND given_up_at IS NULL";

/** Those with a known key are ignored. */
export function insertMessages(
  statements: Statements,
  messages: readonly OutboxMessage[],
  now: number,
): void {
  for (const { key, channel, incidentId, body } of messages) {
    statements.run(
      `INSERT INTO alert_messages (message_key, channel, incident_id, body, created_at, available_at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT DO NOTHING`,
      key,
      channel,
      incidentId,
      body,
      now,
    );
  }
}

export async function addMessages(database: Database, messages: readonly OutboxMessage[]): Promise<void> {
  await database.transaction((transaction) => insertMessages(transaction, messages, database.now()));
}

export function channelHealth(statements: Statements, now: number): readonly ChannelHealth[] {
  return statements.all<ChannelHealth>(
    `SELECT channel, ?1 - min(CASE WHEN ${waits} THEN created_at END) AS oldestWaitingMs,
      count(CASE WHEN given_up_at > coalesce(last_sent, -1) THEN 1 END) AS givenUp
    FROM (
      SELECT *, max(sent_at) OVER (PARTITION BY channel) AS last_sent FROM alert_messages
    ) GROUP BY channel ORDER BY channel`,
    now,
  );
}

export async function claimMessage(
  database: Database,
  { channels, claimMs }: Parameters<AlertStore["claimMessage"]>[0],
): Promise<ClaimedMessage | null> {
  return await database.transaction((transaction) => {
    const now = database.now();
    const row = transaction.get<Omit<ClaimedMessage, "claimId">>(
      `SELECT message_key AS key, channel, incident_id AS incidentId, body, attempts, created_at AS createdAt
      FROM alert_messages message INDEXED BY alert_messages_waiting
      WHERE ${waits} AND available_at <= ?1 AND coalesce(claimed_until, 0) <= ?1
        AND channel IN (SELECT value FROM json_each(?2))
        AND NOT EXISTS (
          SELECT 1 FROM alert_messages earlier INDEXED BY alert_messages_by_incident
          WHERE earlier.incident_id = message.incident_id AND earlier.channel = message.channel
            AND earlier.sent_at IS NULL AND earlier.given_up_at IS NULL
            AND (earlier.created_at, earlier.message_key) < (message.created_at, message.message_key)
        )
      ORDER BY created_at, message_key LIMIT 1`,
      now,
      JSON.stringify(channels),
    );
    if (row === undefined) return null;
    const claimId = randomUUID();
    transaction.run(
      "UPDATE alert_messages SET claim_id = ?3, claimed_until = ?4 WHERE message_key = ?1 AND channel = ?2",
      row.key,
      row.channel,
      claimId,
      now + claimMs,
    );
    return { ...row, claimId };
  });
}

export async function settleMessage(
  database: Database,
  { claimId, outcome }: Parameters<AlertStore["settleMessage"]>[0],
): Promise<boolean> {
  return await database.transaction((transaction) => {
    const now = database.now();
    const settled =
      outcome.kind === "sent"
        ? transaction.run(
            "UPDATE alert_messages SET claim_id = NULL, claimed_until = NULL, sent_at = ?2 WHERE claim_id = ?1",
            claimId,
            now,
          )
        : transaction.run(
            `UPDATE alert_messages SET claim_id = NULL, claimed_until = NULL, attempts = attempts + 1,
              error_code = ?2, available_at = ?3, given_up_at = ?4
            WHERE claim_id = ?1`,
            claimId,
            outcome.code,
            outcome.kind === "again" ? now + outcome.afterMs : now,
            outcome.kind === "given-up" ? now : null,
          );
    return settled > 0;
  });
}

/** Newest first. */
export async function listMessages(
  database: Database,
  { channel, incidentId }: Parameters<AlertStore["listMessages"]>[0],
  page: PageRequest,
): Promise<Page<StoredMessage>> {
  const conditions = new Conditions()
    .add(channel, (value) => `channel = ${value}`)
    .add(incidentId, (value) => `incident_id = ${value}`)
    .addAll(
      decodeCursor("messages", 3, page),
      (createdAt, key, name) =>
        `(created_at, message_key, channel) < (CAST(${createdAt} AS INTEGER), ${key}, ${name})`,
    );
  const limit = conditions.bind(rowsWanted(page));
  const rows = await database.read((statements) =>
    statements.all<StoredMessage>(
      `SELECT ${columns} FROM alert_messages${conditions.where}
      ORDER BY created_at DESC, message_key DESC, channel DESC LIMIT ${limit}`,
      ...conditions.values,
    ),
  );
  return toPage("messages", rows, page, {
    item: (row) => row,
    place: ({ createdAt, key, channel: name }) => [String(createdAt), key, name],
  });
}
