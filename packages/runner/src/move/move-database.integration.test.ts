import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Secret } from "@titan-sync/core";
import { migrate, moveOut, openSqlite, type SqliteDatabase, sqliteStorage } from "@titan-sync/sqlite";
import type { PoolClient } from "pg";
import { describe, expect, it, onTestFinished } from "vitest";
import { createTestDatabase } from "../../../../test/postgres/database.js";
import { temporaryDirectory } from "../__fixtures__/temporary-directory.js";
import { openPostgres } from "../database/open-postgres.js";
import { requireCurrentSchema } from "../database/require-current-schema.js";
import { addMany, fillSource } from "./__fixtures__/fill-source.js";
import { moveDatabase } from "./move-database.js";
import { lastTables, movedTables } from "./moved-tables.js";
import { openReader } from "./read-source.js";

const moved = [...movedTables, ...lastTables];
const targetName = "postgres://db/titan";

async function open({ many = false }: { readonly many?: boolean } = {}) {
  const postgres = await createTestDatabase();
  onTestFinished(() => postgres.drop());
  const path = join(await temporaryDirectory(), "titan-sync.db");
  const database = openSqlite({ path });
  onTestFinished(() => database.close());
  await migrate({ database });
  const host = new DatabaseSync(path);
  fillSource(host);
  if (many) addMany(host);
  host.close();
  const client = await postgres.pool.connect();
  onTestFinished(() => client.release());

  /** One attempt, as the command makes it. */
  async function attempt({
    connection = client,
    stopAfter = Number.POSITIVE_INFINITY,
  }: {
    readonly connection?: PoolClient;
    readonly stopAfter?: number;
  } = {}): Promise<boolean> {
    const stop = new AbortController();
    const source = await moveOut({ database, target: targetName });
    let steps = 0;
    try {
      return await moveDatabase({
        source,
        sourceName: "embedded",
        client: connection,
        signal: stop.signal,
        onProgress() {
          steps += 1;
          if (steps >= stopAfter) stop.abort();
        },
      });
    } finally {
      await source.release();
    }
  }

  /** Every column of every row, as text. */
  async function expectEqual(): Promise<void> {
    const source = { read: (text: string, values: readonly unknown[] = []) => readAll(path, text, values) };
    for (const table of moved) {
      const { columns, read } = await openReader(source as never, { ...table, step: 10_000 });
      const { rows } = await read(null);
      const types = await columnTypes(client, table.name);
      const list = columns.map((column) => `${asText(column, types.get(column) ?? "text")} AS ${column}`);
      const answer = await client.query(`SELECT ${list.join(", ")} FROM titan_sync.${table.name}`);
      const plain = (all: readonly object[]) =>
        all.map((row) => JSON.stringify(columns.map((column) => normal(Reflect.get(row, column))))).sort();
      expect([table.name, plain(answer.rows)]).toEqual([table.name, plain(rows)]);
      expect([table.name, rows.length]).not.toEqual([table.name, 0]);
    }
  }
  return { postgres, path, database, client, attempt, expectEqual, write: () => write(database) };
}

const readAll = async (path: string, text: string, values: readonly unknown[]) => {
  const reader = new DatabaseSync(path, { readOnly: true });
  try {
    return reader.prepare(text).all(...(values as string[]));
  } finally {
    reader.close();
  }
};

async function write(database: SqliteDatabase): Promise<void> {
  await sqliteStorage({ database }).saveCompany("written-later", { trade: "HVAC" });
}

async function columnTypes(client: PoolClient, table: string): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
    WHERE attrelid = $1::regclass AND attnum > 0`,
    [`titan_sync.${table}`],
  );
  return new Map(rows.map(({ name, type }) => [name, type]));
}

function asText(column: string, type: string): string {
  if (type.startsWith("timestamp")) return `(extract(epoch FROM ${column}) * 1000)::bigint::text`;
  return type === "boolean" ? `${column}::int::text` : `${column}::text`;
}

/** Streams have times that hosts read; `jsonb` orders its names. */
function normal(value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return String(Date.parse(value));
  return value.startsWith("{") ? JSON.stringify(sorted(JSON.parse(value))) : value;
}

function sorted(value: object): object {
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}

describe("a move", () => {
  it("copies every row of every table, 64-bit ids, links and times", async () => {
    const { attempt, expectEqual, client } = await open();
    expect(await attempt()).toBe(true);
    await expectEqual();
    const { rows } = await client.query(
      `SELECT entity_id::text AS id, (
        SELECT json_object_agg(link.name, (ARRAY[link_0, link_1, link_2])[link.position + 1]::text)
        FROM titan_sync.feed_links link WHERE link.feed = entity.feed
      ) AS links FROM titan_sync.entities entity WHERE feed = 'invoices' ORDER BY entity_id`,
    );
    expect(rows).toEqual([
      { id: "1", links: { customer: "9223372036854775807", job: "6", location: null } },
      { id: "2", links: { customer: null, job: null, location: "7" } },
    ]);
  });

  it("continues after a stop at any step, even within a table, with the same result", async () => {
    const { attempt, expectEqual } = await open({ many: true });
    let attempts = 0;
    for (;;) {
      attempts += 1;
      const outcome = await attempt({ stopAfter: 1 }).catch((error: Error) => error.name);
      if (outcome === true) break;
      expect(outcome).toBe("AbortError");
    }
    expect(attempts).toBeGreaterThan(movedTables.length);
    await expectEqual();
  });

  it("starts over if rows were written between two attempts, and keeps none of the old ones", async () => {
    const { attempt, expectEqual, write } = await open();
    await expect(attempt({ stopAfter: 9 })).rejects.toMatchObject({ name: "AbortError" });
    await write();
    expect(await attempt()).toBe(true);
    await expectEqual();
  });

  it("refuses a target that contains anything, or another database's unfinished move", async () => {
    const { attempt, client, write } = await open();
    await client.query("INSERT INTO titan_sync.companies (company_id, details) VALUES ('other', '{}')");
    await expect(attempt()).rejects.toThrow(
      "The target is not empty: there are rows in titan_sync.companies.",
    );
    await client.query("DELETE FROM titan_sync.companies");
    await client.query(
      "INSERT INTO titan_sync.unfinished_move (source_id, move_id, source, place) VALUES ('a', 'b', 'c', '{}')",
    );
    await expect(attempt()).rejects.toThrow("The target holds the unfinished move of another database.");
    await write();
  });

  it("prevents the program from using a partly filled target", async () => {
    const { attempt, postgres } = await open();
    await expect(attempt({ stopAfter: 5 })).rejects.toMatchObject({ name: "AbortError" });
    const target = await openPostgres(new Secret(postgres.url));
    onTestFinished(() => target.close());
    await requireCurrentSchema(target);
    await expect(target.checkMove()).rejects.toThrow("is unfinished (embedded)");
    expect(await attempt()).toBe(true);
    expect(await target.checkMove()).toBeNull();
  });

  it("that dies after the source was given up is completed by the next attempt, and by nothing else", async () => {
    const { attempt, expectEqual, client, write } = await open();
    const breaking = new Proxy(client, {
      get(target, name) {
        if (name !== "query") return Reflect.get(target, name);
        return (text: string, values?: unknown[]) => {
          if (text.startsWith("DELETE FROM titan_sync.unfinished_move"))
            throw new Error("The connection broke.");
          return target.query(text, values);
        };
      },
    });
    await expect(attempt({ connection: breaking })).rejects.toThrow("The connection broke.");
    await expect(write()).rejects.toThrow(`was moved to ${targetName}`);
    const { rows } = await client.query("SELECT FROM titan_sync.credentials");
    expect(rows).toEqual([]);
    expect(await attempt()).toBe(true);
    await expectEqual();
    expect(await attempt()).toBe(false);
  });

  it("lets every sequence continue after its last number", async () => {
    const { attempt, client } = await open();
    await attempt();
    const next = async (table: string, column: string): Promise<number> => {
      const name = "pg_get_serial_sequence($1, $2)";
      const { rows } = await client.query(`SELECT nextval(${name}) AS next`, [`titan_sync.${table}`, column]);
      return Number(rows[0]?.next);
    };
    expect(await next("leases", "fence")).toBe(501);
    expect(await next("work_items", "sequence")).toBe(9001);
    expect(await next("rejections", "place")).toBe(78);
    // Rows with these ids were deleted there.
    expect(await next("runs", "run_number")).toBe(41);
    expect(await next("stored_batches", "batch_number")).toBe(31);
  });
});
