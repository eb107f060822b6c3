import type { RecordType, TenantScope } from "@titan-sync/core";
import { streamOf } from "@titan-sync/core/support";
import type { RecordSinkUnderTest } from "@titan-sync/core/testing";
import { openDatabase } from "../../database/database.js";
import type { PgPoolLike } from "../../database/pool.js";
import { forSink } from "../../database/sink-transaction.js";
import { postgresSink } from "../postgres-sink.js";

/** Our sink, with a way to look behind it. Only tests use this. */
export async function sinkUnderTest(
  pool: PgPoolLike,
  close: () => Promise<void>,
): Promise<RecordSinkUnderTest> {
  const database = openDatabase({ pool });
  await database.query(`ALTER TABLE ${database.tables.members_stream} ADD CHECK (zip <> 'poison')`);
  return {
    sink: postgresSink({ pool }),
    transact: (work) => database.transaction((open) => work(forSink(open))),
    poison: (record) => ({ ...record, zip: "poison" }),
    close,
    async read(record: RecordType, scope: TenantScope) {
      const total = record === "invoice" ? "total" : "NULL AS total";
      const { rows } = await database.query<{
        source_id: string;
        customer_name: string | null;
        total: unknown;
      }>(
        `SELECT source_id, customer_name, ${total} FROM ${database.tables[streamOf(record).table]}
        WHERE tenant = $1 AND environment = $2 AND source_tenant = $3`,
        [scope.companyId, scope.environment, scope.tenantId],
      );
      return new Map(rows.map((row) => [row.source_id, row]));
    },
  };
}
