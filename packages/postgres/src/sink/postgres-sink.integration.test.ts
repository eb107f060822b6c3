import { randomUUID } from "node:crypto";
import type { BatchItem, InvoiceRecord, MemberRecord, RecordBatch, RecordType } from "@titan-sync/core";
import { describeRecordSink } from "@titan-sync/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../test/postgres/database.js";
import { openDatabase } from "../database/database.js";
import { sinkUnderTest } from "./__fixtures__/sink-under-test.js";
import { postgresSink } from "./postgres-sink.js";
import { writeBatch } from "./write-batch.js";

describeRecordSink({
  name: "sink on PostgreSQL",
  setup: async () => {
    const { pool, drop } = await createTestDatabase();
    return sinkUnderTest(pool, drop);
  },
});

describe("our stream tables", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  const scope = { companyId: "acme", environment: "production", tenantId: "42" } as const;
  const context = { signal: new AbortController().signal };

  const member = (given: Partial<MemberRecord> = {}): MemberRecord => ({
    tenant: "acme",
    trade: "HVAC",
    software: "ServiceTitan",
    customer_id: "1",
    customer_name: "Ada Lovelace",
    customer_first_name: "Ada",
    customer_last_name: "Lovelace",
    customer_phone_numbers: null,
    customer_phone_number_primary: null,
    street: "1 Main St",
    unit: null,
    city: "Chicago",
    state: "IL",
    zip: "60601",
    country: "US",
    hub_plus_import_id: 7,
    active_member: "Yes",
    membership_type: "Gold",
    current_status: "Active",
    version: "1700000000",
    ...given,
  });

  const invoice = (given: Partial<InvoiceRecord> = {}): InvoiceRecord => {
    const { active_member, membership_type, current_status, version, ...core } = member();
    return {
      ...core,
      invoice_number: "INV-1",
      invoice_summary: null,
      job_number: "J-1",
      job_type: null,
      zone: "North",
      total: "-1234.50",
      first_appointment: "2024-01-02 03:04:05",
      summary: null,
      ...given,
    };
  };

  const batchOf = (items: readonly BatchItem[], record: RecordType = "member"): RecordBatch => ({
    id: randomUUID(),
    runId: "run",
    credentialId: "credential",
    scope,
    record,
    items,
  });

  const read = async (table: "members_stream" | "invoices_stream", key: string) =>
    (await database.pool.query(`SELECT * FROM titan_sync.${table} WHERE source_id = $1`, [key])).rows[0];

  it("fill every column of a member", async () => {
    const sink = postgresSink({ pool: database.pool });
    await sink.write(batchOf([{ op: "upsert", key: "100", revision: 3, record: member() }]), context);
    expect(await read("members_stream", "100")).toEqual({
      ...member(),
      id: expect.stringMatching(/^\d+$/),
      created_at: expect.any(Date),
      processed: false,
      environment: "production",
      source_tenant: "42",
      source_id: "100",
      revision: "3",
    });
  });

  it("fill every column of an invoice, every digit of the total", async () => {
    const sink = postgresSink({ pool: database.pool });
    await sink.write(
      batchOf([{ op: "upsert", key: "101", revision: 1, record: invoice() }], "invoice"),
      context,
    );
    expect(await read("invoices_stream", "101")).toEqual({
      ...invoice(),
      total: "-1234.50",
      id: expect.stringMatching(/^\d+$/),
      created_at: expect.any(Date),
      processed: false,
      environment: "production",
      source_tenant: "42",
      source_id: "101",
      revision: "1",
    });
  });

  it("mark a record to be processed again when it changes, not when it is sent twice", async () => {
    const sink = postgresSink({ pool: database.pool });
    const first = [{ op: "upsert", key: "102", revision: 1, record: member() }] as const;
    await sink.write(batchOf(first), context);
    await database.pool.query("UPDATE titan_sync.members_stream SET processed = true");
    const { id } = await read("members_stream", "102");
    await sink.write(batchOf(first), context);
    expect(await read("members_stream", "102")).toMatchObject({ processed: true });
    const changed = member({ city: "Springfield" });
    await sink.write(batchOf([{ op: "upsert", key: "102", revision: 2, record: changed }]), context);
    expect(await read("members_stream", "102")).toMatchObject({ id, processed: false, city: "Springfield" });
  });

  it("keep the ids of written batches for 400 days and no longer", async () => {
    const sink = postgresSink({ pool: database.pool });
    const [old, recent, next] = ["105", "106", "107"].map((key) =>
      batchOf([{ op: "upsert", key, revision: 1, record: member() }]),
    ) as [RecordBatch, RecordBatch, RecordBatch];
    for (const batch of [old, recent]) await sink.write(batch, context);
    const age = "UPDATE titan_sync.stream_batches SET written_at = now() - $2::interval WHERE batch_id = $1";
    await database.pool.query(age, [old.id, "401 days"]);
    await database.pool.query(age, [recent.id, "399 days"]);
    await sink.write(next, context);
    const { rows } = await database.pool.query<{ batch_id: string }>(
      "SELECT batch_id FROM titan_sync.stream_batches WHERE batch_id = ANY ($1) ORDER BY written_at",
      [[old.id, recent.id, next.id]],
    );
    expect(rows.map((row) => row.batch_id)).toEqual([recent.id, next.id]);
  });

  it("do not restore a removed record because of a late, older batch", async () => {
    const sink = postgresSink({ pool: database.pool });
    const late = batchOf([{ op: "upsert", key: "103", revision: 1, record: member() }]);
    await sink.write(batchOf([{ op: "remove", key: "103", revision: 2 }]), context);
    await sink.write(late, context);
    expect(await read("members_stream", "103")).toBeUndefined();
    await sink.write(batchOf([{ op: "upsert", key: "103", revision: 3, record: member() }]), context);
    expect(await read("members_stream", "103")).toMatchObject({ revision: "3" });
  });

  it("keep the newest revision, regardless of which of two writers is first", async () => {
    const sink = postgresSink({ pool: database.pool });
    const keys = Array.from({ length: 40 }, (_, index) => String(2000 + index));
    await Promise.all(
      keys.flatMap((key) => [
        sink.write(batchOf([{ op: "upsert", key, revision: 1, record: member() }]), context),
        sink.write(batchOf([{ op: "remove", key, revision: 2 }]), context),
      ]),
    );
    const { rows } = await database.pool.query(
      "SELECT source_id FROM titan_sync.members_stream WHERE source_id = ANY ($1)",
      [keys],
    );
    expect(rows).toEqual([]);
  });

  it("accept a total of any size, and use up no ids for rows that change", async () => {
    const sink = postgresSink({ pool: database.pool });
    const totals = ["9".repeat(400), `0.${"0".repeat(400)}1`, "12.50"];
    const itemsAt = (revision: number) =>
      totals.map(
        (total, index): BatchItem => ({
          op: "upsert",
          key: String(300 + index),
          revision,
          record: invoice({ total }),
        }),
      );
    for (const revision of [1, 2, 3]) {
      expect(await sink.write(batchOf(itemsAt(revision), "invoice"), context)).toEqual({ rejected: [] });
    }
    const rows = await Promise.all(totals.map((_, index) => read("invoices_stream", String(300 + index))));
    expect(rows.map((row) => row.total)).toEqual(totals);
    expect(rows.map((row) => row.revision)).toEqual(["3", "3", "3"]);
    const before = Number(rows[2].id);
    const next = { op: "upsert", key: "303", revision: 1, record: invoice() } as const;
    await sink.write(batchOf([next], "invoice"), context);
    expect(Number((await read("invoices_stream", "303")).id)).toBe(before + 1);
  });

  it("lose no record that is deleted while it is being written", async () => {
    const { pool } = database;
    const sink = postgresSink({ pool });
    const itemOf = (city: string, revision: number) =>
      ({ op: "upsert", key: "310", revision, record: member({ city }) }) as const;
    await sink.write(batchOf([itemOf("Chicago", 1)]), context);
    const { id } = await read("members_stream", "310");
    const storage = openDatabase({ pool });
    await storage.transaction(async ({ query }) => {
      let isFirst = true;
      const meddled: typeof query = async (text, values) => {
        const answer = await query<never>(text, values);
        if (isFirst && text.startsWith("SELECT source_id")) {
          isFirst = false;
          await pool.query("DELETE FROM titan_sync.members_stream WHERE source_id = '310'");
        }
        return answer;
      };
      await writeBatch({ query: meddled }, storage.tables, batchOf([itemOf("Springfield", 2)]));
      expect(isFirst).toBe(false);
    });
    expect(await read("members_stream", "310")).toMatchObject({ id, city: "Springfield", revision: "2" });
  });

  it("reject only the refused item, and return the same result when the batch is sent again", async () => {
    const sink = postgresSink({ pool: database.pool });
    await database.pool.query(
      "ALTER TABLE titan_sync.members_stream ADD CONSTRAINT known_zip CHECK (zip <> '00000')",
    );
    const bad = new Set(["407", "408", "450"]);
    const items = Array.from({ length: 100 }, (_, index): BatchItem => {
      const key = String(400 + index);
      return { op: "upsert", key, revision: 1, record: member({ zip: bad.has(key) ? "00000" : "60601" }) };
    });
    const batch = batchOf(items);
    const reason = "a check constraint failed (23514, table members_stream, constraint known_zip)";
    const answer = { rejected: [...bad].map((key) => ({ key, reason })) };
    expect(await sink.write(batch, context)).toEqual(answer);
    await database.pool.query("ALTER TABLE titan_sync.members_stream DROP CONSTRAINT known_zip");
    expect(await sink.write(batch, context)).toEqual(answer);
    const { rows } = await database.pool.query(
      "SELECT source_id FROM titan_sync.members_stream WHERE source_id = ANY ($1)",
      [items.map((item) => item.key)],
    );
    expect(rows).toHaveLength(97);
  });

  it("refuse what no column can hold, by name and without the value, and accept the rest", async () => {
    const sink = postgresSink({ pool: database.pool });
    const batch = batchOf([
      { op: "upsert", key: "104", revision: 1, record: member({ city: "Chi\0cago" }) },
      { op: "upsert", key: "105", revision: 1, record: member({ hub_plus_import_id: 2 ** 31 }) },
      { op: "upsert", key: "106", revision: 1, record: member() },
    ]);
    const answer = {
      rejected: [
        { key: "104", reason: "city contains a NUL character" },
        { key: "105", reason: "hub_plus_import_id is not an integer of 32 bits" },
      ],
    };
    expect(await sink.write(batch, context)).toEqual(answer);
    expect(await sink.write(batch, context)).toEqual(answer);
    expect(await read("members_stream", "104")).toBeUndefined();
    expect(await read("members_stream", "106")).toBeDefined();
  });

  it("accept no batch through a transaction that is not the storage's", async () => {
    const { writeIn } = postgresSink({ pool: database.pool });
    await expect(writeIn?.({}, batchOf([]), context)).rejects.toMatchObject({ code: "SINK" });
  });
});
