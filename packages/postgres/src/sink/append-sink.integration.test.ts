import { ConfigError, type RecordBatch } from "@titan-sync/core";
import { describeAppendSink } from "@titan-sync/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../test/postgres/database.js";
import { postgresAppendSink } from "./append-sink.js";

const shared = `trade text, software text, customer_id text, customer_name text, customer_first_name text,
  customer_last_name text, customer_phone_numbers text, customer_phone_number_primary text, street text, unit text,
  city text, state text, zip text, country text, hub_plus_import_id integer`;
const ends = "created_at timestamptz DEFAULT now(), processed boolean DEFAULT false";

/** The tables that hosts have. */
const hostTables = `
  CREATE TABLE members_stream (id integer GENERATED ALWAYS AS IDENTITY, tenant text, ${shared},
    active_member text, membership_type text, current_status text, version text, ${ends});
  CREATE TABLE invoices_stream (id integer GENERATED ALWAYS AS IDENTITY, tenant text, ${shared},
    invoice_number text, invoice_summary text, job_number text, job_type text, zone text,
    total double precision, first_appointment text, summary text, ${ends})`;

const tables = { member: { table: "members_stream" }, invoice: { table: "invoices_stream" } };

describeAppendSink({
  name: "PostgreSQL append sink",
  async setup() {
    const database = await createTestDatabase();
    await database.pool.query(`${hostTables}; ALTER TABLE members_stream ADD CHECK (zip <> 'poison')`);
    return {
      sink: postgresAppendSink({ pool: database.pool, tables }),
      poison: (record) => ({ ...record, zip: "poison" }),
      async read(record, { companyId }) {
        const { rows } = await database.pool.query(
          `SELECT * FROM ${tables[record as keyof typeof tables].table} WHERE tenant = $1 ORDER BY id`,
          [companyId],
        );
        return rows;
      },
      close: () => database.drop(),
    };
  },
});

describe("The host's own tables", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    await database.pool.query(hostTables);
  });
  afterAll(() => database.drop());
  const context = { signal: new AbortController().signal };

  it("may rename columns, lack some, and have others", async () => {
    const { pool } = database;
    await pool.query(`CREATE TABLE "Odd Members" (row_id serial, tenant text, ${shared}, "Member" text,
      membership_type varchar(6), current_status text, version bigint, st_id bigint, revision bigint, gate_code text)`);
    const sink = postgresAppendSink({
      pool,
      tables: {
        member: {
          table: "Odd Members",
          columns: { active_member: "Member", unit: null, source_id: "st_id", revision: "revision" },
        },
      },
    });
    await sink.check?.();
    const answer = await sink.write(
      batchOf([
        { id: "1", more: { gate_code: "4711", unit: "left out" } },
        { id: "2", more: { membership_type: "Platinum" } },
        { id: "3", more: { version: "soon" } },
      ]),
      context,
    );
    expect(answer.rejected).toEqual([
      { key: "2", reason: "membership_type is longer than 6 characters" },
      { key: "3", reason: "version is not a whole number" },
    ]);
    const { rows } = await pool.query('SELECT * FROM "Odd Members"');
    expect(rows).toEqual([
      expect.objectContaining({
        Member: "Yes",
        unit: null,
        version: "1767225600",
        st_id: "1",
        revision: "3",
        gate_code: "4711",
      }),
    ]);
  });

  it.each([
    [{ member: { table: "nowhere" } }, "There is no table public.nowhere for member records."],
    [
      { member: { table: "invoices_stream" } },
      "it has no column active_member for active_member; it has no column membership_type",
    ],
    [
      { invoice: { table: "invoices_stream", columns: { zone: "created_at", summary: "total" } } },
      "its column created_at is timestamp with time zone, expected text for zone; its column total is double precision, expected text for summary",
    ],
    [
      { member: { table: "members_stream", columns: { revision: "hub_plus_import_id" } } },
      "its column hub_plus_import_id is integer, expected text or a bigint for revision",
    ],
  ])("are checked before a run starts: %j", async (given, message) => {
    const sink = postgresAppendSink({ pool: database.pool, tables: given });
    await expect(sink.check?.()).rejects.toBeInstanceOf(ConfigError);
    await expect(sink.check?.()).rejects.toThrow(message);
  });

  it.each([
    [
      "a customer's id beyond 32 bits",
      "customer_id integer",
      { customer_id: "2147483648" },
      "customer_id is not an integer of 32 bits",
    ],
    [
      "a name where the column must have one",
      "customer_name text NOT NULL",
      { customer_name: null },
      "customer_name must not be null",
    ],
    [
      "a total with more digits than the column",
      "total numeric(8,2)",
      { total: "1234567.89" },
      "total is out of range",
    ],
    [
      "a total that rounds to more digits than the column",
      "total numeric(4,2)",
      { total: "99.999" },
      "a number is out of range (22003)",
    ],
    ["a total of 400 digits", "total double precision", { total: "9".repeat(400) }, "total is out of range"],
    [
      "a total too small for the column",
      "total double precision",
      { total: `0.${"0".repeat(400)}1` },
      "total is out of range",
    ],
    [
      "a check",
      "total numeric CHECK (total >= 0)",
      { total: "-5.00" },
      "a check constraint failed (23514, table refusing, constraint refusing_total_check)",
    ],
    [
      "a check that is deferred",
      "total text, reference text",
      { customer_id: "77" },
      "a row with this key already exists (23505, table refusing, constraint only_once)",
    ],
  ])("cost a record that they refuse only itself: %s", async (what, column, more, reason) => {
    const { pool } = database;
    const name = column.split(" ")[0];
    const others = `tenant text, ${shared}, invoice_number text, invoice_summary text, job_number text, job_type text,
      zone text, total text, first_appointment text, summary text`;
    const columns = others.split(",").filter((part) => part.trim().split(" ")[0] !== name);
    await pool.query(
      `DROP TABLE IF EXISTS refusing; CREATE TABLE refusing (${columns.join(",")}, ${column})`,
    );
    if (column.includes("reference")) {
      await pool.query(`INSERT INTO refusing (customer_id) VALUES ('77');
        ALTER TABLE refusing ADD CONSTRAINT only_once UNIQUE (customer_id) DEFERRABLE INITIALLY DEFERRED`);
    }
    const sink = postgresAppendSink({ pool, tables: { invoice: { table: "refusing" } } });
    const rows = Array.from({ length: 9 }, (_, index) => ({
      id: String(index + 1),
      more: index === 4 ? more : {},
    }));
    const batch: RecordBatch = { ...batchOf(rows), id: what, record: "invoice" };
    const answer = { rejected: [{ key: "5", reason }] };
    expect(await sink.write(batch, context)).toEqual(answer);
    expect(await sink.write(batch, context)).toEqual(answer);
    const { rows: kept } = await pool.query("SELECT * FROM refusing WHERE tenant = 'acme'");
    expect(kept).toHaveLength(8);
  });

  it("cause a warning if their identity column has few numbers left", async () => {
    const { pool } = database;
    await pool.query(`CREATE TABLE numbered (id integer GENERATED ALWAYS AS IDENTITY, tenant text, ${shared},
      active_member text, membership_type text, current_status text, version text)`);
    const sink = postgresAppendSink({ pool, tables: { member: { table: "numbered" } } });
    expect(await sink.warnings?.()).toEqual([]);
    await pool.query("ALTER TABLE numbered ALTER COLUMN id RESTART WITH 2000000000");
    const row = { id: "1", more: {} };
    await sink.write({ ...batchOf([row]), id: "numbered" }, context);
    expect(await sink.warnings?.()).toEqual([
      {
        code: "IDENTITY_NEARLY_USED",
        message: expect.stringContaining("Column id of public.numbered has used 93% of its range."),
        count: null,
      },
    ]);
  });

  it("are refused if a column is NOT NULL and nothing fills it", async () => {
    await database.pool.query("ALTER TABLE members_stream ADD COLUMN branch text NOT NULL DEFAULT 'x'");
    const sink = postgresAppendSink({ pool: database.pool, tables });
    await sink.check?.();
    await database.pool.query("ALTER TABLE members_stream ALTER COLUMN branch DROP DEFAULT");
    await expect(sink.check?.()).rejects.toThrow("its column branch must not be null, but nothing fills it");
    await database.pool.query("ALTER TABLE members_stream DROP COLUMN branch");
  });
});

function batchOf(rows: readonly { readonly id: string; readonly more: object }[]): RecordBatch {
  const scope = { companyId: "acme", environment: "production", tenantId: "7" } as const;
  return {
    id: "batch",
    runId: "run",
    credentialId: "credential",
    scope,
    record: "member",
    items: rows.map(({ id, more }) => ({
      op: "upsert",
      key: id,
      revision: 3,
      record: {
        tenant: "acme",
        trade: "HVAC",
        software: "ServiceTitan",
        customer_id: id,
        customer_name: "Ada",
        customer_first_name: null,
        customer_last_name: null,
        customer_phone_numbers: null,
        customer_phone_number_primary: null,
        street: "1 A St",
        unit: null,
        city: "B",
        state: "IL",
        zip: "60601",
        country: "US",
        hub_plus_import_id: 7,
        active_member: "Yes",
        membership_type: "Gold",
        current_status: "Active",
        version: "1767225600",
        total: "12.50",
        ...more,
      },
    })),
  };
}
