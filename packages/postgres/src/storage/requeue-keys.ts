import type { Storage } from "@titan-sync/core";
import type { Database } from "../database/database.js";
import { lockLease } from "./lease-holder.js";
import { enqueueIds } from "./work-queue.js";

/** Lists entities by id. */
export async function requeueKeys(
  database: Database,
  { lease, scope, record, feed, ids }: Parameters<Storage["requeueKeys"]>[0],
): Promise<void> {
  const { tables } = database;
  await database.transaction(async (transaction) => {
    const { scopeId, companyId } = await lockLease(transaction, tables, lease, scope);
    const given = "SELECT DISTINCT $3::text, $4::text, entity_id FROM unnest($5::bigint[]) given (entity_id)";
    await transaction.query(enqueueIds(tables, { scopeId: "$1::int", companyId: "$2" }, given), [
      scopeId,
      companyId,
      record,
      feed,
      ids,
    ]);
  });
}
