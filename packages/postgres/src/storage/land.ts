import type { FeedFigures, LandParams, LandResult } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { idArray } from "../database/id-array.js";
import { joinTexts, splitTexts } from "../database/joined-texts.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { lockFeed } from "./feed-lock.js";
import { addFeedFigures } from "./figures.js";
import { lockLease, type Owner } from "./owner.js";
import { clearRejections, keepRejections } from "./rejections-write.js";
import { noteSeen } from "./seen.js";
import { listKeys, touchedKeys, touchValues } from "./work-list.js";

/** Lands the rows of a page, or of a part of one. */
export async function land(database: Database, params: LandParams): Promise<LandResult> {
  const { tables } = database;
  const { lease, scope, feed, entities, rejections } = params;
  return await database.transaction(async (transaction) => {
    const owner = await lockLease(transaction, tables, lease, scope);
    await lockFeed(transaction, tables, owner, feed, params.cursor);
    const { superseded, ...counts } = await merge(transaction, tables, owner, params);
    // A row that is older than the stored one says nothing about a newer, broken one.
    const older = new Set(superseded);
    const good = entities.map((entity) => entity.id).filter((id) => !older.has(id));
    await clearRejections(transaction, tables, owner, feed, ["structure"], good);
    await keepRejections(transaction, tables, owner, lease, rejections);
    if (params.noteSeen) {
      const ids = [...entities.map((entity) => entity.id), ...rejections.map((row) => row.entityId)];
      await noteSeen(transaction, tables, owner, feed, ids);
    }
    const result = { ...counts, superseded: superseded.length };
    await addFeedFigures(transaction, tables, owner, feed, figuresOf(params, result));
    return result;
  });
}

interface Merged {
  readonly landed: number;
  readonly unchanged: number;
  /** Ids of the rows that were older than what is stored. */
  readonly superseded: readonly string[];
}

const columns =
  "scope_id, company_id, feed, entity_id, source, payload, content_hash, modified_on, link_0, link_1, link_2";
const texts = [6, 7, 8].map((number) => splitTexts(`$${number}`)).join(", ");
const values = "$1::int, $2, $3, entity_id, $4, payload, content_hash, modified_on, link_0, link_1, link_2";

/** Adds rows that are new, judges the others by what is stored, replaces what is older, and lists what they touch. */
async function merge(
  transaction: SqlTransaction,
  tables: Tables,
  owner: Owner,
  { feed, source, entities, touches }: LandParams,
): Promise<Merged> {
  if (entities.length === 0) return { landed: 0, unchanged: 0, superseded: [] };
  const { rows } = await transaction.query<{ landed: number; unchanged: number; superseded: string }>(
    `WITH incoming AS MATERIALIZED (
      SELECT * FROM
        unnest($5::bigint[], ${texts}, $9::bigint[], $10::bigint[], $11::bigint[])
        row (entity_id, payload, content_hash, modified_on, link_0, link_1, link_2)
    ),
    added AS (
      -- First, for a first load brings hardly anything else: what this does not return is stored already.
      INSERT INTO ${tables.entities} (${columns})
      SELECT ${values} FROM incoming ORDER BY entity_id
      ON CONFLICT (scope_id, feed, entity_id) DO NOTHING RETURNING entity_id
    ),
    judged AS MATERIALIZED (
      SELECT incoming.*, stored.source AS was_source,
        stored.link_0 AS was_link_0, stored.link_1 AS was_link_1, stored.link_2 AS was_link_2,
        CASE
          WHEN incoming.is_new THEN 'landed'
          WHEN stored.content_hash = incoming.content_hash AND stored.removed THEN 'landed'
          WHEN stored.content_hash = incoming.content_hash THEN 'unchanged'
          WHEN coalesce(incoming.modified_on, '') < coalesce(stored.modified_on, '') THEN 'superseded'
          WHEN coalesce(incoming.modified_on, '') > coalesce(stored.modified_on, '') THEN 'landed'
          WHEN stored.source = 'export' AND $4 = 'list' THEN 'superseded'
          ELSE 'landed'
        END AS verdict
      FROM (SELECT *, entity_id IN (SELECT entity_id FROM added) AS is_new FROM incoming) incoming
      LEFT JOIN LATERAL (
        -- One look-up for each row: a join could read the whole feed for each, for want of statistics.
        SELECT * FROM ${tables.entities} entity
        WHERE NOT incoming.is_new AND entity.scope_id = $1 AND entity.company_id = $2 AND entity.feed = $3
          AND entity.entity_id = incoming.entity_id LIMIT 1
      ) stored ON true
    ),
    changed AS (
      INSERT INTO ${tables.entities} (${columns})
      SELECT ${values} FROM judged WHERE verdict = 'landed' AND NOT is_new ORDER BY entity_id
      ON CONFLICT (scope_id, feed, entity_id) DO UPDATE
      SET source = excluded.source, payload = excluded.payload, content_hash = excluded.content_hash,
        modified_on = excluded.modified_on, link_0 = excluded.link_0, link_1 = excluded.link_1,
        link_2 = excluded.link_2, removed = false, landed_at = clock_timestamp()
    ),
    confirmed AS (
      -- The export confirmed rows that a list gave: from now on they have the export's weight.
      UPDATE ${tables.entities} SET source = 'export'
      WHERE scope_id = $1 AND company_id = $2 AND feed = $3 AND entity_id = ANY (ARRAY(
        SELECT entity_id FROM judged WHERE verdict = 'unchanged' AND was_source = 'list' AND $4 = 'export'
      ))
    ),
    listed AS (
      ${listKeys(tables, { scopeId: "$1::int", companyId: "$2" }, touchedKeys("(SELECT * FROM judged WHERE verdict = 'landed')", 12))}
    )
    SELECT count(*) FILTER (WHERE verdict = 'landed')::float8 AS landed,
      count(*) FILTER (WHERE verdict = 'unchanged')::float8 AS unchanged,
      coalesce(json_agg(entity_id::text) FILTER (WHERE verdict = 'superseded'), '[]')::text AS superseded
    FROM judged`,
    [
      owner.scopeId,
      owner.companyId,
      feed,
      source,
      idArray(entities.map((entity) => entity.id)),
      joinTexts(entities.map((entity) => entity.payload)),
      joinTexts(entities.map((entity) => entity.contentHash)),
      joinTexts(entities.map((entity) => entity.modifiedOn)),
      ...[0, 1, 2].map((link) => idArray(entities.map((entity) => entity.links[link] ?? null))),
      ...touchValues(touches),
    ],
  );
  const { landed = 0, unchanged = 0, superseded = "[]" } = rows[0] ?? {};
  return { landed, unchanged, superseded: JSON.parse(superseded) as string[] };
}

/** What one landing adds to the run's figures. */
function figuresOf(
  { endsPage, entities, rejections, repeated }: LandParams,
  { landed, unchanged, superseded }: LandResult,
): FeedFigures {
  return {
    pages: endsPage ? 1 : 0,
    read: entities.length + rejections.length + repeated,
    landed,
    unchanged,
    superseded: superseded + repeated,
    rejected: rejections.length,
  };
}
