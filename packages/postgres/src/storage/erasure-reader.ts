import {
  type DeliveredRecord,
  type ErasureReader,
  type FeedName,
  type LinkedEntity,
  type RejectedRow,
  type StagedBatch,
  StorageError,
} from "@titan-sync/core";
import { entityIdArray } from "../database/entity-ids.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { Tables } from "../database/tables.js";
import { asNumber, minRevision } from "../database/values.js";
import type { FeedLinks, LinkColumns } from "./feed-links.js";
import { isLinked } from "./link-column.js";

/** The tenant whose data is looked at. */
export interface ErasedTenant {
  readonly scopeId: number;
  readonly companyId: string;
}

interface EntityRow extends LinkColumns {
  readonly id: string;
}

const columns = `entity.entity_id::text AS id,
  entity.link_0::text AS link0, entity.link_1::text AS link1, entity.link_2::text AS link2`;

/** Reads a tenant's data inside the erasing transaction. */
export function erasureReader(
  transaction: SqlTransaction,
  tables: Tables,
  feedLinks: FeedLinks,
  { scopeId, companyId }: ErasedTenant,
): ErasureReader {
  const { query } = transaction;
  const toLinked = async (feed: FeedName, rows: readonly EntityRow[]): Promise<readonly LinkedEntity[]> => {
    const links = await feedLinks.namedIn(transaction, feed, rows);
    return rows.map(({ id }, index) => ({ id, links: links[index] ?? {} }));
  };
  return {
    async findEntities({ feed, ids }) {
      const { rows } = await query<EntityRow>(
        `SELECT ${columns} FROM ${tables.entities} entity
        WHERE entity.scope_id = $1 AND entity.company_id = $2 AND entity.feed = $3
          AND entity.entity_id = ANY ($4::bigint[])
        ORDER BY entity.entity_id`,
        [scopeId, companyId, feed, entityIdArray(ids)],
      );
      return await toLinked(feed, rows);
    },

    async findEntitiesByLink({ feed, link, ids }) {
      const column = await feedLinks.columnOf(transaction, feed, link);
      if (column === null) return [];
      const { rows } = await query<EntityRow>(
        `SELECT ${columns} FROM unnest($4::bigint[]) named (id)
        JOIN ${tables.entities} entity ON ${isLinked("entity", column, "named.id", "$1::int, $3::text")}
        WHERE entity.company_id = $2
        ORDER BY entity.entity_id`,
        [scopeId, companyId, feed, entityIdArray([...new Set(ids)])],
      );
      return await toLinked(feed, rows);
    },

    async listRejections({ after, limit }) {
      const { rows } = await query<RejectedRow>(
        `SELECT rejection_id::text AS id, feed::text AS feed, entity_id AS "entityId", stage, payload
        FROM ${tables.rejections} rejection
        WHERE scope_id = $1 AND company_id = $2 AND rejection_id > $3::bigint
        ORDER BY rejection.rejection_id LIMIT $4`,
        [scopeId, companyId, after ?? "0", limit],
      );
      return rows;
    },

    async findDeliveredRecords({ record, ids }) {
      const { rows } = await query<DeliveredRecord>(
        `SELECT entity_id::text AS id, content_hash AS "contentHash", ${asNumber("revision")} AS revision, removed
        FROM ${tables.delivered_records} delivered
        WHERE scope_id = $1 AND company_id = $2 AND record_type = $3 AND entity_id = ANY ($4::bigint[])
        ORDER BY delivered.entity_id`,
        [scopeId, companyId, record, entityIdArray(ids)],
      );
      return rows;
    },

    async findDeliveredContaining({ record, texts }) {
      const { rows } = await query<{ id: string }>(
        `SELECT entity_id::text AS id FROM ${tables.delivered_records} delivered
        WHERE scope_id = $1 AND company_id = $2 AND record_type = $3 AND NOT removed
          AND EXISTS (SELECT FROM unnest($4::text[]) part (text) WHERE strpos(delivered.record, part.text) > 0)
        ORDER BY delivered.entity_id`,
        [scopeId, companyId, record, texts],
      );
      return rows.map((row) => row.id);
    },

    async listStagedBatches() {
      const { rows } = await query<StagedBatch>(
        `SELECT batch_id AS id, record::text AS record, content FROM ${tables.stored_batches}
        WHERE scope_id = $1 AND company_id = $2 ORDER BY batch_number`,
        [scopeId, companyId],
      );
      return rows;
    },

    async minRevision() {
      const { rows } = await query<{ now: number }>(`SELECT ${asNumber(minRevision)} AS now`);
      if (rows[0] === undefined)
        throw new StorageError("The server did not return its time.", { retryable: true });
      return rows[0].now;
    },
  };
}
