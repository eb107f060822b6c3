import type { Pool } from "pg";

/** A table, and the rows of it that are merged. */
interface MergedTable {
  readonly table: string;
  /** Columns that the rows bring, with their types; the others have defaults. */
  readonly columns: Readonly<Record<string, string>>;
  readonly key: readonly string[];
}

const text = (names: string): Record<string, string> =>
  Object.fromEntries(names.split(" ").map((name) => [name, "text"]));

const core = {
  ...text(
    `tenant environment source_tenant source_id trade software customer_id customer_name
    customer_first_name customer_last_name customer_phone_numbers customer_phone_number_primary street unit city
    state zip country`.replace(/\s+/g, " "),
  ),
  hub_plus_import_id: "int",
  revision: "bigint",
};
const streamKey = ["tenant", "environment", "source_tenant", "source_id"];

const tables: readonly MergedTable[] = [
  {
    table: "entities",
    columns: {
      scope_id: "int",
      ...text("company_id feed source modified_on content_hash used_hash payload"),
      ...{ entity_id: "bigint", link_0: "bigint", link_1: "bigint", link_2: "bigint" },
    },
    key: ["scope_id", "feed", "entity_id"],
  },
  {
    table: "delivered_records",
    columns: {
      scope_id: "int",
      ...text("company_id record_type content_hash record"),
      ...{ entity_id: "bigint", revision: "bigint", removed: "boolean" },
    },
    key: ["scope_id", "record_type", "entity_id"],
  },
  {
    table: "members_stream",
    columns: { ...core, ...text("active_member membership_type current_status version") },
    key: streamKey,
  },
  {
    table: "invoices_stream",
    columns: {
      ...core,
      ...text("invoice_number invoice_summary job_number job_type zone first_appointment summary"),
      total: "numeric",
    },
    key: streamKey,
  },
];

const rowsInStatement = 2000;
const connections = 4;
/** Held in memory before they are merged. */
const rowsInMemory = 40_000;

type Row = Readonly<Record<string, unknown>>;

/**
 * Merges all rows of one database's tables into those of another by plain upserts.
 * @returns the time that merging took; reading the rows is not part of it.
 */
export async function copyRows(
  from: Pool,
  to: Pool,
): Promise<{ readonly ms: number; readonly rows: number }> {
  await to.query(
    "INSERT INTO titan_sync.tenant_scopes (company_id, environment, tenant_id) VALUES ('acme', 'production', '1001')",
  );
  let ms = 0;
  let rows = 0;
  for (const table of tables) {
    for await (const chunk of chunksOf(from, table)) {
      const startedAt = performance.now();
      await merge(to, table, chunk);
      ms += performance.now() - startedAt;
      rows += chunk.length;
    }
  }
  return { ms, rows };
}

async function* chunksOf(pool: Pool, { table, columns }: MergedTable): AsyncGenerator<readonly Row[]> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    const names = Object.keys(columns).join(", ");
    await client.query(`DECLARE landed CURSOR FOR SELECT ${names} FROM titan_sync.${table}`);
    for (;;) {
      const { rows } = await client.query<Row>(`FETCH ${rowsInMemory} FROM landed`);
      if (rows.length === 0) break;
      yield rows;
    }
    await client.query("COMMIT");
  } finally {
    client.release();
  }
}

async function merge(pool: Pool, table: MergedTable, rows: readonly Row[]): Promise<void> {
  const statement = upsertInto(table);
  const names = Object.keys(table.columns);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < rows.length) {
      const part = rows.slice(next, next + rowsInStatement);
      next += rowsInStatement;
      await pool.query(
        statement,
        names.map((name) => part.map((row) => row[name])),
      );
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
}

function upsertInto({ table, columns, key }: MergedTable): string {
  const names = Object.keys(columns);
  const arrays = Object.values(columns).map((type, index) => `$${index + 1}::${type}[]`);
  const updates = names.filter((name) => !key.includes(name)).map((name) => `${name} = excluded.${name}`);
  return `INSERT INTO titan_sync.${table} (${names.join(", ")})
    SELECT * FROM unnest(${arrays.join(", ")})
    ON CONFLICT (${key.join(", ")}) DO UPDATE SET ${updates.join(", ")}`;
}
