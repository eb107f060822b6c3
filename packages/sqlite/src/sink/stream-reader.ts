import { AbortedError, type HeldRecord, type RecordType, type SinkReader } from "@titan-sync/core";
import { streamOf } from "@titan-sync/core/support";
import type { Database } from "../database/database.js";

/** Reads our stream tables back, in the order of the index that finds a record. */
export function streamReader(database: Database): SinkReader {
  const select = (record: RecordType): string => {
    const { table } = streamOf(record);
    return `SELECT stream.source_id AS key, stream.revision FROM ${table} stream INDEXED BY ${table}_by_source
      WHERE stream.tenant = ?1 AND stream.environment = ?2 AND stream.source_tenant = ?3`;
  };
  return {
    async find({ scope, record, keys }, { signal }) {
      requireGoOn(signal);
      const { companyId, environment, tenantId } = scope;
      return await database.read((statements) =>
        statements.all<HeldRecord>(
          `${select(record)} AND stream.source_id IN (SELECT value FROM json_each(?4))`,
          companyId,
          environment,
          tenantId,
          JSON.stringify(keys),
        ),
      );
    },
    async list({ scope, record, after, limit }, { signal }) {
      requireGoOn(signal);
      const { companyId, environment, tenantId } = scope;
      return await database.read((statements) =>
        statements.all<HeldRecord>(
          `${select(record)} AND stream.source_id > ?4 ORDER BY stream.source_id LIMIT ?5`,
          companyId,
          environment,
          tenantId,
          after ?? "",
          limit,
        ),
      );
    },
  };
}

/** @throws {@link AbortedError} when the work was stopped. */
function requireGoOn(signal: AbortSignal): void {
  if (signal.aborted) throw new AbortedError("The stream was not read: the work was stopped.");
}
