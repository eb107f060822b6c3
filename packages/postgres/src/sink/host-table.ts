import { ConfigError, type KnownRecordType, type RecordType, recordColumns } from "@titan-sync/core";
import { quoteIdentifier } from "../database/identifier.js";
import type { SqlTransaction } from "../database/sql-transaction.js";

/** A table of the host, to which records are appended. */
export interface HostTable {
  readonly table: string;
  /** @defaultValue "public" */
  readonly schema?: string | undefined;
  /**
   * The table's names for columns that have another name there, by the record's name; `null` leaves a column out.
   * `source_id`, `source_tenant`, `environment` and `revision`, which identify a row's record, are written only if they
   * are named here.
   */
  readonly columns?: Readonly<Record<string, string | null>> | undefined;
}

/** A column that is written. */
export interface TargetColumn {
  /** As the record calls it. */
  readonly source: string;
  /** As SQL text. */
  readonly target: string;
  /** What the value is cast to, as SQL text. */
  readonly type: string;
  /** In characters; `null` where there is no limit. */
  readonly maxLength: number | null;
  /** Digits before the decimal point; `null` where there is no limit. */
  readonly maxDigits: number | null;
  readonly notNull: boolean;
}

/** A table that was checked. */
export interface TargetTable {
  /** As SQL text, with its schema. */
  readonly name: string;
  readonly columns: readonly TargetColumn[];
}

interface CatalogColumn {
  readonly name: string;
  /** As a cast names it, without a length. */
  readonly type: string;
  /** One letter: `S` text, `N` number, `D` date. */
  readonly category: string;
  readonly maxLength: number | null;
  readonly maxDigits: number | null;
  readonly notNull: boolean;
  readonly needsValue: boolean;
}

/** The columns that identify a row's record. */
const identity: readonly string[] = ["source_id", "source_tenant", "environment", "revision"];

/** Kinds of types besides text that a column may have. */
const otherCategories: Readonly<Record<string, string>> = {
  total: "N",
  hub_plus_import_id: "N",
  customer_id: "N",
  version: "N",
  source_id: "N",
  source_tenant: "N",
  revision: "N",
  first_appointment: "D",
};

/** Kinds of types that texts of a host's own record type are cast to: text, numbers, dates, true and false. */
const hostCategories = "SNDB";

/**
 * Finds a table's columns.
 * @throws `ConfigError` that names every column that is missing, has a wrong type, or would stay empty
 * although it must not be.
 */
export async function checkHostTable(
  { query }: Pick<SqlTransaction, "query">,
  record: RecordType,
  { table, schema = "public", columns = {} }: HostTable,
): Promise<TargetTable> {
  const found = new Map((await readCatalog(query, schema, table)).map((column) => [column.name, column]));
  const name = `${schema}.${table}`;
  if (found.size === 0) throw new ConfigError(`There is no table ${name} for ${record} records.`);
  const issues: string[] = [];
  const isHosts = !Object.hasOwn(recordColumns, record);
  const named: readonly string[] = isHosts ? [] : recordColumns[record as KnownRecordType];
  const own: readonly string[] = [...named, ...identity];
  const isTaken = (source: string, column: CatalogColumn): boolean =>
    isHosts && !identity.includes(source) ? hostCategories.includes(column.category) : fits(source, column);
  const wanted = [
    ...own.filter((column) => named.includes(column) || columns[column] !== undefined),
    ...Object.keys(columns).filter((column) => !own.includes(column)),
  ];
  const targets = wanted.flatMap((source): readonly TargetColumn[] => {
    const target = columns[source] === undefined ? source : columns[source];
    if (target === null) return [];
    const column = found.get(target);
    if (column === undefined) issues.push(`it has no column ${target} for ${source}`);
    else if (!isTaken(source, column)) {
      issues.push(`its column ${target} is ${column.type}, expected ${expectedType(source)} for ${source}`);
    }
    return column === undefined ? [] : [toTarget(source, column)];
  });
  const filled = new Set(targets.map(({ target }) => target));
  // Columns that a company's mapping adds are written if the table has a column of that name, and so are
  // all of a host's own
  // record type, whose columns only the host knows.
  const added = [...found.values()]
    .filter(
      ({ name: column, category }) =>
        (isHosts ? hostCategories : "S").includes(category) && !own.includes(column),
    )
    .filter((column) => !filled.has(quoteIdentifier(column.name)))
    .map((column) => toTarget(column.name, column));
  for (const { target } of isHosts ? added : []) filled.add(target);
  for (const column of found.values()) {
    if (column.needsValue && !filled.has(quoteIdentifier(column.name))) {
      issues.push(`its column ${column.name} must not be null, but nothing fills it`);
    }
  }
  if (issues.length > 0) {
    throw new ConfigError(`The table ${name} cannot store ${record} records: ${issues.join("; ")}.`, {
      hint: "Change the table, or name its columns in `columns` of the sink's `tables`; `null` omits one.",
    });
  }
  return { name: `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`, columns: [...targets, ...added] };
}

async function readCatalog(
  query: SqlTransaction["query"],
  schema: string,
  table: string,
): Promise<readonly CatalogColumn[]> {
  const { rows } = await query<CatalogColumn>(
    `SELECT attribute.attname::text AS name, type.oid::regtype::text AS type, type.typcategory::text AS category,
      CASE WHEN type.typname IN ('varchar', 'bpchar') AND attribute.atttypmod > 4
        THEN attribute.atttypmod - 4 END AS "maxLength",
      CASE WHEN type.typname = 'numeric' AND attribute.atttypmod > 4
        -- Precision less scale, which is 11 bits with a sign.
        THEN (((attribute.atttypmod - 4) >> 16) & 65535) - ((((attribute.atttypmod - 4) & 2047) # 1024) - 1024)
        END AS "maxDigits",
      attribute.attnotnull AS "notNull",
      attribute.attnotnull AND NOT attribute.atthasdef AND attribute.attidentity = '' AS "needsValue"
    FROM pg_attribute attribute
    JOIN pg_class relation ON relation.oid = attribute.attrelid AND relation.relkind IN ('r', 'p', 'v', 'f')
    JOIN pg_namespace namespace ON namespace.oid = relation.relnamespace
    JOIN pg_type type ON type.oid = attribute.atttypid
    WHERE namespace.nspname = $1 AND relation.relname = $2 AND attribute.attnum > 0 AND NOT attribute.attisdropped
    ORDER BY attribute.attnum`,
    [schema, table],
  );
  return rows;
}

/** Microseconds since 1970: too large for the other kinds of numbers. */
const revisionTypes: readonly string[] = ["bigint", "numeric", "double precision"];

function fits(source: string, { category, type }: CatalogColumn): boolean {
  if (category === "S") return true;
  return category === otherCategories[source] && (source !== "revision" || revisionTypes.includes(type));
}

function expectedType(source: string): string {
  if (source === "revision") return "text or a bigint";
  const kind = { N: "text or a number", D: "text or a timestamp" }[otherCategories[source] ?? ""];
  return kind ?? "text";
}

function toTarget(
  source: string,
  { name, type, maxLength, maxDigits, notNull }: CatalogColumn,
): TargetColumn {
  return { source, target: quoteIdentifier(name), type, maxLength, maxDigits, notNull };
}
