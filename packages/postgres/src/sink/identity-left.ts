import type { RunWarning } from "@titan-sync/core";
import { quoteIdentifier } from "../database/identifier.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { HostTable } from "./host-table.js";

/** The used fraction of an identity's range from which on to warn. */
const nearlyAll = 0.9;

/** Warns of a table whose rows are numbered by a column that has few numbers left: then it takes no more rows. */
export async function warnOfIdentity(
  { query }: Pick<SqlTransaction, "query">,
  { table, schema = "public" }: HostTable,
): Promise<readonly RunWarning[]> {
  const { rows } = await query<{ name: string; used: number }>(
    `SELECT attribute.attname::text AS name,
      (CASE WHEN has_sequence_privilege(numbers.seqrelid, 'SELECT, USAGE')
        THEN coalesce(pg_sequence_last_value(numbers.seqrelid), 0) ELSE 0 END
        / least(numbers.seqmax::numeric, CASE attribute.atttypid
          WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 ELSE 9223372036854775807 END
        ))::float8 AS used
    FROM pg_depend link
    JOIN pg_sequence numbers ON numbers.seqrelid = link.objid
    JOIN pg_attribute attribute ON attribute.attrelid = link.refobjid AND attribute.attnum = link.refobjsubid
    WHERE link.classid = 'pg_class'::regclass AND link.refclassid = 'pg_class'::regclass
      AND link.deptype IN ('a', 'i') AND link.refobjid = to_regclass($1)
    ORDER BY attribute.attnum`,
    [`${quoteIdentifier(schema)}.${quoteIdentifier(table)}`],
  );
  return rows
    .filter(({ used }) => used > nearlyAll)
    .map(({ name, used }) => ({
      code: "IDENTITY_NEARLY_USED",
      message:
        `Column ${name} of ${schema}.${table} has used ${Math.floor(used * 100)}% of its range. Make it a bigint, ` +
        "or the table will soon accept no more rows.",
      count: null,
    }));
}
