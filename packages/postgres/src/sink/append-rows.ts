import type { BatchItem, RecordBatch, SinkAnswer } from "@titan-sync/core";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { TargetColumn, TargetTable } from "./host-table.js";
import { reasonAgainst } from "./stream-tables.js";

type Value = string | number | null | undefined;
type Row = Readonly<Record<string, Value>>;

/** The items that the table's columns cannot hold. The same for the same batch, whenever it is asked. */
export function refusedBy({ columns }: TargetTable, batch: RecordBatch): SinkAnswer {
  const rejected = batch.items.flatMap((item) => {
    if (item.op === "remove") return [];
    const row = rowOf(batch, item);
    const reason =
      reasonAgainst(item.record) ??
      columns.map((column) => faultOf(column, row[column.source])).find((fault) => fault !== null) ??
      null;
    return reason === null ? [] : [{ key: item.key, reason }];
  });
  return { rejected };
}

/** Appends the upserts of a batch in their order. Removals are passed over. */
export async function appendRows(
  transaction: SqlTransaction,
  target: TargetTable,
  batch: RecordBatch,
): Promise<SinkAnswer> {
  const answer = refusedBy(target, batch);
  const refused = new Set(answer.rejected.map((item) => item.key));
  const rows = batch.items.flatMap((item) =>
    item.op === "remove" || refused.has(item.key) ? [] : [rowOf(batch, item)],
  );
  if (rows.length === 0) return answer;
  // A column that no row has keeps the table's default.
  const columns = target.columns.filter(({ source }) => rows.some((row) => row[source] !== undefined));
  const values = rows.map((row) =>
    Object.fromEntries(columns.map(({ source }, index) => [`c${index}`, textOf(row[source])])),
  );
  const fields = columns.map((_column, index) => `c${index} text`).join(", ");
  const casts = columns.map(({ type }, index) => `given.c${index}::${type}`).join(", ");
  await transaction.query(
    `INSERT INTO ${target.name} (${columns.map((column) => column.target).join(", ")})
    SELECT ${casts} FROM ROWS FROM (json_to_recordset($1::json) AS (${fields})) WITH ORDINALITY given
    ORDER BY given.ordinality`,
    [JSON.stringify(values)],
  );
  return answer;
}

function rowOf({ scope }: RecordBatch, item: Extract<BatchItem, { readonly op: "upsert" }>): Row {
  return {
    ...item.record,
    source_id: item.key,
    source_tenant: scope.tenantId,
    environment: scope.environment,
    revision: item.revision,
  };
}

function faultOf({ source, type, maxLength }: TargetColumn, value: Value): string | null {
  const text = textOf(value);
  if (text === null) return null;
  if (maxLength !== null && [...text].length > maxLength) {
    return `${source} is longer than ${maxLength} characters`;
  }
  if (/^(?:smallint|integer|bigint)$/.test(type) && !/^-?\d{1,18}$/.test(text)) {
    return `${source} is not a whole number`;
  }
  if (type.startsWith("timestamp") && !/^\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2}:\d{2})?$/.test(text)) {
    return `${source} is not a date`;
  }
  return null;
}

function textOf(value: Value): string | null {
  return value === null || value === undefined ? null : String(value);
}
