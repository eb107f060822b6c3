import type { BatchItem, RecordBatch, SinkAnswer } from "@titan-sync/core";
import { reasonAgainst } from "@titan-sync/core/support";
import { joinColumns } from "../database/joined-columns.js";
import type { SqlTransaction } from "../database/sql-transaction.js";
import type { TargetColumn, TargetTable } from "./host-table.js";

type Value = string | number | null | undefined;
type Row = Readonly<Record<string, Value>>;

/**
 * The items that the table's columns cannot hold, as far as their types show, so that many of them are
 * found cheaply. The database finds the others.
 */
function refusedBy({ columns }: TargetTable, batch: RecordBatch): SinkAnswer {
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

/** Appends the upserts of a batch in order. Removals are ignored. */
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

function faultOf(column: TargetColumn, value: Value): string | null {
  const { source, type, maxLength, notNull } = column;
  if (value === null && notNull) return `${source} must not be null`;
  if (value === null || value === undefined) return null;
  const text = String(value);
  if (maxLength !== null && [...text].length > maxLength) {
    return `${source} is longer than ${maxLength} characters`;
  }
  if (type.startsWith("timestamp") && !/^\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2}:\d{2})?$/.test(text)) {
    return `${source} is not a date`;
  }
  const bits = integerBits[type];
  if (bits !== undefined) return faultOfInteger(source, text, bits);
  return isNumber.test(text) && !isInRange(column, text) ? `${source} is out of range` : null;
}

const integerBits: Readonly<Record<string, number>> = { smallint: 16, integer: 32, bigint: 64 };
const isNumber = /^-?\d+(?:\.\d+)?$/;

function faultOfInteger(source: string, text: string, bits: number): string | null {
  if (!/^-?\d+$/.test(text)) return `${source} is not a whole number`;
  return BigInt.asIntN(bits, BigInt(text)) === BigInt(text)
    ? null
    : `${source} is not an integer of ${bits} bits`;
}

function isInRange({ type, maxDigits }: TargetColumn, text: string): boolean {
  if (maxDigits !== null) {
    const [digits = ""] = text.replace(/^-?0*/, "").split(".");
    return digits.length <= Math.max(0, maxDigits);
  }
  if (type !== "double precision" && type !== "real") return true;
  const number = type === "real" ? Math.fround(Number(text)) : Number(text);
  // Underflow is an error there, not a zero.
  return Number.isFinite(number) && (number !== 0 || !/[1-9]/.test(text));
}
