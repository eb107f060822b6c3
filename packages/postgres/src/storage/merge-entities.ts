import type { LandParams, NewEntity } from "@titan-sync/core";
import { idArray } from "../database/id-array.js";
import { joinTexts, splitTexts } from "../database/joined-texts.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { fromEpochMs } from "../database/values.js";
import { type LinkPositions, linkColumnCount } from "./feed-links.js";
import type { LeaseHolder } from "./lease-holder.js";
import { isSeen } from "./seen.js";
import { enqueueIds, touchedKeys, touchValues } from "./work-queue.js";

export interface Merged {
  readonly landed: number;
  readonly unchanged: number;
  /** Ids of the rows that were older than what is stored. */
  readonly superseded: readonly string[];
}

/** Stores rows that are new or newer than what is stored, and lists what they touch. The feed is locked. */
export async function mergeEntities(
  transaction: SqlTransaction,
  tables: Tables,
  owner: LeaseHolder,
  params: LandParams,
  links: LinkPositions,
): Promise<Merged> {
  const { entities, touches } = params;
  if (entities.length === 0) return { landed: 0, unchanged: 0, superseded: [] };
  // Until keys are queued, nearly all rows are new: no lookup, and nothing to queue.
  const added = touches.length === 0 ? await addNew(transaction, tables, owner, params, links) : 0;
  if (added === entities.length) return { landed: added, unchanged: 0, superseded: [] };
  const { landed, unchanged, superseded } = await merge(transaction, tables, owner, params, links);
  // Rows that were just added are equal to the incoming ones.
  return { landed: landed + added, unchanged: unchanged - added, superseded };
}

const columns =
  "scope_id, company_id, feed, source, entity_id, payload, content_hash, modified_on, link_0, link_1, link_2, used_hash";
const values =
  "$1::int, $2, $3, $4, entity_id, payload, content_hash, modified_on, link_0, link_1, link_2, used_hash";
const texts = [6, 7, 8].map((number) => splitTexts(`$${number}`)).join(", ");
const incoming = `unnest($5::bigint[], ${texts}, $9::bigint[], $10::bigint[], $11::bigint[], ${splitTexts("$12")})
  row (entity_id, payload, content_hash, modified_on, link_0, link_1, link_2, used_hash)`;

function valuesOf(
  { scopeId, companyId }: LeaseHolder,
  { feed, source, entities }: LandParams,
  links: LinkPositions,
): readonly unknown[] {
  const names = new Map([...links].map(([name, position]) => [position, name]));
  const linkedBy = (name: string | undefined): readonly (string | null)[] =>
    entities.map((entity) => (name === undefined ? null : (entity.links[name] ?? null)));
  const textsOf = (text: (entity: NewEntity) => string | null): Buffer => joinTexts(entities.map(text));
  return [
    scopeId,
    companyId,
    feed,
    source,
    idArray(entities.map((entity) => entity.id)),
    textsOf((entity) => entity.payload),
    textsOf((entity) => entity.contentHash),
    textsOf((entity) => entity.modifiedOn),
    ...Array.from({ length: linkColumnCount }, (_, position) => idArray(linkedBy(names.get(position)))),
    textsOf((entity) => entity.usedHash),
  ];
}

/**
 * Adds the rows that are not stored, in any order, because the feed is locked. @returns how many they were.
 */
async function addNew(
  transaction: SqlTransaction,
  tables: Tables,
  owner: LeaseHolder,
  params: LandParams,
  links: LinkPositions,
): Promise<number> {
  const { rowCount } = await transaction.query(
    `INSERT INTO ${tables.entities} (${columns}) SELECT ${values} FROM ${incoming}
    ON CONFLICT (scope_id, feed, entity_id) DO NOTHING`,
    valuesOf(owner, params, links),
  );
  return rowCount;
}

/** Compares each row with the stored one, replaces older ones, and queues what the changes touch. */
async function merge(
  transaction: SqlTransaction,
  tables: Tables,
  owner: LeaseHolder,
  params: LandParams,
  links: LinkPositions,
): Promise<Merged> {
  const { rows } = await transaction.query<{ landed: number; unchanged: number; superseded: string }>(
    `WITH incoming AS MATERIALIZED (SELECT * FROM ${incoming}),
    judged AS MATERIALIZED (
      -- Without the texts, which are long: mostly few of the rows are stored.
      SELECT incoming.entity_id, incoming.link_0, incoming.link_1, incoming.link_2, stored.source AS was_source,
        stored.link_0 AS was_link_0, stored.link_1 AS was_link_1, stored.link_2 AS was_link_2,
        -- Whether a record may show the change.
        stored.source IS NULL OR stored.removed OR stored.used_hash IS DISTINCT FROM incoming.used_hash
          OR (stored.link_0, stored.link_1, stored.link_2)
            IS DISTINCT FROM (incoming.link_0, incoming.link_1, incoming.link_2) AS shows,
        CASE
          WHEN stored.source IS NULL THEN 'landed'
          WHEN stored.content_hash = incoming.content_hash AND stored.removed THEN 'landed'
          WHEN stored.content_hash = incoming.content_hash THEN 'unchanged'
          WHEN $16::float8 IS NOT NULL AND (stored.removed OR stored.landed_at < ${fromEpochMs("$16")})
            AND NOT ${isSeen(tables, "stored", "$17")} THEN 'landed'
          WHEN coalesce(incoming.modified_on, '') < coalesce(stored.modified_on, '') THEN 'superseded'
          WHEN coalesce(incoming.modified_on, '') > coalesce(stored.modified_on, '') THEN 'landed'
          WHEN stored.source = 'export' AND $4 = 'list' AND NOT stored.removed THEN 'superseded'
          ELSE 'landed'
        END AS verdict
      FROM incoming
      LEFT JOIN LATERAL (
        -- One lookup for each row: a join could read the whole feed for each, for want of statistics.
        SELECT company_id, feed, entity_id, source, content_hash, used_hash, modified_on, removed, landed_at,
          link_0, link_1, link_2
        FROM ${tables.entities} entity
        WHERE entity.scope_id = $1 AND entity.company_id = $2 AND entity.feed = $3
          AND entity.entity_id = incoming.entity_id LIMIT 1
      ) stored ON true
    ),
    changed AS (
      INSERT INTO ${tables.entities} (${columns})
      SELECT ${values} FROM incoming
      WHERE (entity_id IN (SELECT entity_id FROM judged WHERE verdict = 'landed')) IS TRUE
      ORDER BY entity_id
      ON CONFLICT (scope_id, feed, entity_id) DO UPDATE
      SET source = excluded.source, payload = excluded.payload, content_hash = excluded.content_hash,
        used_hash = excluded.used_hash, modified_on = excluded.modified_on, link_0 = excluded.link_0, link_1 = excluded.link_1,
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
      ${enqueueIds(tables, { scopeId: "$1::int", companyId: "$2" }, touchedKeys("(SELECT * FROM judged WHERE verdict = 'landed' AND shows)", 13))}
    )
    SELECT count(*) FILTER (WHERE verdict = 'landed')::float8 AS landed,
      count(*) FILTER (WHERE verdict = 'unchanged')::float8 AS unchanged,
      coalesce(json_agg(entity_id::text) FILTER (WHERE verdict = 'superseded'), '[]')::text AS superseded
    FROM judged`,
    [
      ...valuesOf(owner, params, links),
      ...touchValues(params.touches, links),
      params.healsBefore,
      owner.runNumber,
    ],
  );
  const { landed = 0, unchanged = 0, superseded = "[]" } = rows[0] ?? {};
  return { landed, unchanged, superseded: JSON.parse(superseded) as string[] };
}
