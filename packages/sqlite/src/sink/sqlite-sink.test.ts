import type { RecordType, TenantScope } from "@titan-sync/core";
import { streamOf } from "@titan-sync/core/support";
import { describeRecordSink } from "@titan-sync/core/testing";
import { createTestDatabase } from "../__fixtures__/test-database.js";
import { openTarget } from "../database/database.js";
import { sqliteSink } from "./sqlite-sink.js";

describeRecordSink({
  name: "sink on SQLite",
  setup: async () => {
    const test = await createTestDatabase();
    const { database } = openTarget({ database: test.database });
    await database.transaction((transaction) =>
      transaction.execute(`CREATE TRIGGER refuse_poison BEFORE INSERT ON members_stream WHEN NEW.zip = 'poison' BEGIN
        SELECT RAISE(ABORT, 'poison');
      END`),
    );
    return {
      sink: sqliteSink({ database }),
      transact: (work) => database.transaction(async (open) => await work(open)),
      poison: (record) => ({ ...record, zip: "poison" }),
      close: test.drop,
      async read(record: RecordType, scope: TenantScope) {
        const total = record === "invoice" ? "total" : "NULL AS total";
        const rows = await database.read((statements) =>
          statements.all<{ source_id: string; customer_name: string | null; total: unknown }>(
            `SELECT source_id, customer_name, ${total} FROM ${streamOf(record).table}
            WHERE tenant = ?1 AND environment = ?2 AND source_tenant = ?3`,
            scope.companyId,
            scope.environment,
            scope.tenantId,
          ),
        );
        return new Map(rows.map((row) => [row.source_id, row]));
      },
    };
  },
});
