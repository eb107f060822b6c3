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
import type { Database } from "../database/database.js";
import type { Tables } from "../database/tables.js";
import { epochMs, fromEpochMs } from "../database/values.js";

const columns = `message_key AS key, channel, incident_id AS "incidentId", body,
  ${epochMs("created_at")} AS "createdAt", attempts, ${epochMs("sent_at")} AS "sentAt",
  ${epochMs("given_up_at")} AS "givenUpAt", error_code AS "errorCode"`;
const waits = "sent_at IS NULL AND given_up_at IS NULL";

/** Those with a known key are ignored. */
export async function insertMessages(
  query: Database["query"],
  tables: Tables,
  messages: readonly OutboxMessage[],
): Promise<void> {
  if (messages.length === 0) return;
  await query(
    `INSERT INTO ${tables.alert_messages} (message_key, channel, incident_id, body, created_at, available_at)
    SELECT given ->> 'key', given ->> 'channel', given ->> 'incidentId', given ->> 'body', now.at, now.at
    FROM json_array_elements($1::json) AS one (given), (SELECT clock_timestamp() AS at) now
    ON CONFLICT DO NOTHING`,
    [JSON.stringify(messages)],
  );
}

export async function addMessages(
  { query, tables }: Database,
  messages: readonly OutboxMessage[],
): Promise<void> {
  await insertMessages(query, tables, messages);
}

export async function channelHealth(
  query: Database["query"],
  tables: Tables,
): Promise<readonly ChannelHealth[]> {
  const age = `extract(epoch FROM clock_timestamp() - min(created_at) FILTER (WHERE ${waits}))`;
  const { rows } = await query<ChannelHealth>(
    `SELECT channel, round(${age} * 1000)::float8 AS "oldestWaitingMs",
      (count(*) FILTER (WHERE given_up_at > coalesce(last_sent, '-infinity')))::integer AS "givenUp"
    FROM (
      SELECT *, max(sent_at) OVER (PARTITION BY channel) AS last_sent FROM ${tables.alert_messages}
    ) message GROUP BY message.channel ORDER BY message.channel`,
  );
  return rows;
}

export async function claimMessage(
  { query, tables }: Database,
  { channels, claimMs }: Parameters<AlertStore["claimMessage"]>[0],
): Promise<ClaimedMessage | null> {
  const { rows } = await query<ClaimedMessage>(
    `UPDATE ${tables.alert_messages} claimed SET claim_id = $3,
      claimed_until = clock_timestamp() + $2::float8 * interval '1 millisecond'
    WHERE (message_key, channel) = (
      SELECT message_key, channel FROM ${tables.alert_messages} message
      WHERE ${waits} AND available_at <= clock_timestamp()
        AND (claimed_until IS NULL OR claimed_until <= clock_timestamp()) AND channel = ANY ($1::text[])
        AND NOT EXISTS (
          SELECT FROM ${tables.alert_messages} earlier
          WHERE earlier.incident_id = message.incident_id AND earlier.channel = message.channel
            AND earlier.sent_at IS NULL AND earlier.given_up_at IS NULL
            AND (earlier.created_at, earlier.message_key) < (message.created_at, message.message_key)
        )
      ORDER BY created_at, message_key LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING message_key AS key, channel, incident_id AS "incidentId", body, attempts,
      ${epochMs("created_at")} AS "createdAt", claim_id AS "claimId"`,
    [channels, claimMs, randomUUID()],
  );
  return rows[0] ?? null;
}

export async function settleMessage(
  { query, tables }: Database,
  { claimId, outcome }: Parameters<AlertStore["settleMessage"]>[0],
): Promise<boolean> {
  const { rowCount } =
    outcome.kind === "sent"
      ? await query(
          `UPDATE ${tables.alert_messages} SET claim_id = NULL, claimed_until = NULL, sent_at = clock_timestamp()
          WHERE claim_id = $1`,
          [claimId],
        )
      : await query(
          `UPDATE ${tables.alert_messages} SET claim_id = NULL, claimed_until = NULL, attempts = attempts + 1,
            error_code = $2, available_at = clock_timestamp() + $3::float8 * interval '1 millisecond',
            given_up_at = CASE WHEN $4::boolean THEN clock_timestamp() END
          WHERE claim_id = $1`,
          [
            claimId,
            outcome.code,
            outcome.kind === "again" ? outcome.afterMs : 0,
            outcome.kind === "given-up",
          ],
        );
  return rowCount > 0;
}

/** Newest first. */
export async function listMessages(
  { query, tables }: Database,
  { channel, incidentId }: Parameters<AlertStore["listMessages"]>[0],
  page: PageRequest,
): Promise<Page<StoredMessage>> {
  const conditions = new Conditions()
    .add(channel, (value) => `channel = ${value}`)
    .add(incidentId, (value) => `incident_id = ${value}`)
    .addAll(
      decodeCursor("messages", 3, page),
      (createdAt, key, name) =>
        `(created_at, message_key, channel) < (${fromEpochMs(createdAt ?? "")}::timestamptz(3), ${key}, ${name})`,
    );
  const limit = conditions.bind(rowsWanted(page));
  const { rows } = await query<StoredMessage>(
    `SELECT ${columns} FROM ${tables.alert_messages} message${conditions.where}
    ORDER BY message.created_at DESC, message.message_key DESC, message.channel DESC LIMIT ${limit}`,
    conditions.values,
  );
  return toPage("messages", rows, page, {
    item: (row) => row,
    place: ({ createdAt, key, channel: name }) => [String(createdAt), key, name],
  });
}
