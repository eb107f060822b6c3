import type { BatchItem, RecordBatch, SinkAnswer } from "@titan-sync/core";
import { joinColumns } from "../database/joined-columns.js";
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
  const joined = joinColumns(
    rows.map((row) => columns.map(({ source }) => row[source] ?? null)),
    columns.length,
  );
  const arrays = columns.map(({ type }, index) => joined.arrayOf(`$${index + 1}`, type));
  const names = columns.map((_column, index) => `c${index}`).join(", ");
  await transaction.query(
    `INSERT INTO ${target.name} (${columns.map((column) => column.target).join(", ")})
    SELECT ${names} FROM unnest(${arrays.join(", ")}) WITH ORDINALITY given (${names}, place)
    ORDER BY place`,
    [...joined.values],
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
