import {
  AbortedError,
  type HeldRecord,
  type RecordType,
  type SinkReader,
  type TenantScope,
} from "@titan-sync/core";
import { streamOf } from "@titan-sync/core/support";
import type { Database } from "../database/database.js";
import { asNumber } from "../database/values.js";

/** Reads our stream tables back, in the order of the index that finds a record. */
export function streamReader({ query, tables }: Pick<Database, "query" | "tables">): SinkReader {
  async function select(
    { scope, record }: { readonly scope: TenantScope; readonly record: RecordType },
    condition: string,
    values: readonly unknown[],
    signal: AbortSignal,
  ): Promise<readonly HeldRecord[]> {
    if (signal.aborted) throw new AbortedError("The stream was not read: the work was stopped.");
    const { rows } = await query<HeldRecord>(
      `SELECT source_id AS key, ${asNumber("revision")} AS revision
      FROM ${tables[streamOf(record).table]}
      WHERE tenant = $1 AND environment = $2 AND source_tenant = $3 AND ${condition}`,
      [scope.companyId, scope.environment, scope.tenantId, ...values],
    );
    return rows;
  }

  return {
    find: (params, { signal }) => select(params, "source_id = ANY ($4::text[])", [params.keys], signal),
    list: ({ after, limit, ...params }, { signal }) =>
      select(params, "source_id > $4 ORDER BY source_id LIMIT $5", [after ?? "", limit], signal),
  };
}
