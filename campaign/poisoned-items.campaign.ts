import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  csvSink,
  eachItem,
  jsonLinesSink,
  memorySink,
  memoryStorage,
  type RecordBatch,
  RecordRefusedError,
  type RecordSinkObject,
  type RunResult,
  type Storage,
} from "@titan-sync/core";
import { postgresAppendSink, postgresSink, postgresStorage } from "@titan-sync/postgres";
import { expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../test/postgres/database.js";
import { createWorld } from "../test/sync/world.js";
import { createDice, isSample, report, seed } from "./support/campaign.js";

const rounds = isSample ? 1 : 25;

/** A storage and a sink of ours, which refuses records whose street is poison, and how to see what has arrived. */
interface Target {
  readonly storage: Storage;
  readonly sink: RecordSinkObject;
  /** `member 7` and the like. */
  arrived(companyId: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

const poison = "Poison Street";

/** Of each record type, the rows that make it, and the address that its street comes from. */
const poisonable = [
  { record: "member", feed: "customers", address: "address" },
  { record: "invoice", feed: "invoices", address: "locationAddress" },
] as const;

const nothing = { derived: 0, delivered: 0, unchanged: 0, leftOut: 0, rejected: 0 };

function isPoisoned(item: RecordBatch["items"][number]): boolean {
  return item.op === "upsert" && item.record.street === poison;
}

/** Sinks without restrictions refuse what a host tells them to refuse. */
function refusing(sink: RecordSinkObject): RecordSinkObject {
  const { writeIn } = sink;
  return {
    ...sink,
    async write(batch, context) {
      const rejected = batch.items.filter(isPoisoned).map(({ key }) => ({ key, reason: "poisoned" }));
      const items = batch.items.filter((item) => !isPoisoned(item));
      await sink.write({ ...batch, items }, context);
      return { rejected };
    },
    ...(writeIn !== undefined && {
      async writeIn(transaction, batch, context) {
        const answer = await writeIn(transaction, batch, context);
        if (batch.items.some(isPoisoned)) throw new RecordRefusedError("poisoned");
        return answer;
      },
    }),
  };
}

async function inFiles(extension: "jsonl" | "csv"): Promise<Target> {
  const directory = await mkdtemp(join(tmpdir(), "titan-sync-poison-"));
  return {
    storage: memoryStorage(),
    sink: refusing(extension === "csv" ? csvSink({ directory }) : jsonLinesSink({ directory })),
    async arrived() {
      const names: string[] = [];
      for (const record of ["member", "invoice"]) {
        const folder = join(directory, `${record}s`);
        for (const file of await readdir(folder)) {
          const text = await readFile(join(folder, file), "utf8");
          const pattern = extension === "csv" ? /^upsert,(\d+),/gm : /"source_id":"(\d+)"/g;
          for (const match of text.matchAll(pattern)) names.push(`${record} ${match[1]}`);
        }
      }
      return names;
    },
    close: () => rm(directory, { recursive: true, force: true }),
  };
}

async function inMemory(isShared: boolean): Promise<Target> {
  const storage = memoryStorage();
  const sink = isShared ? memorySink({ storage }) : memorySink();
  return {
    storage,
    sink: refusing(sink),
    arrived: async () =>
      (["member", "invoice"] as const).flatMap((record) =>
        [...sink.records(record).keys()].map((key) => `${record} ${key}`),
      ),
    close: () => storage.close(),
  };
}

async function inPostgres(isApart: boolean, isHosts: boolean): Promise<Target> {
  const database = await createTestDatabase();
  const apart = isApart ? await createTestDatabase() : null;
  const { pool }: TestDatabase = apart ?? database;
  for (const record of ["member", "invoice"]) {
    await pool.query(`ALTER TABLE titan_sync.${record}s_stream ADD CHECK (street <> '${poison}');
      CREATE TABLE ${record}s (LIKE titan_sync.${record}s_stream INCLUDING CONSTRAINTS INCLUDING IDENTITY INCLUDING DEFAULTS)`);
  }
  const columns = {
    source_id: "source_id",
    source_tenant: "source_tenant",
    environment: "environment",
    revision: "revision",
  };
  const tables = { member: { table: "members", columns }, invoice: { table: "invoices", columns } };
  const storage = postgresStorage({ pool: database.pool });
  return {
    storage,
    sink: isHosts ? postgresAppendSink({ pool, tables }) : postgresSink({ pool }),
    async arrived(companyId) {
      const select = (record: string): string =>
        `SELECT '${record} ' || source_id AS name FROM ${isHosts ? "public" : "titan_sync"}.${record}s${isHosts ? "" : "_stream"} WHERE tenant = $1`;
      const { rows } = await pool.query(`${select("member")} UNION ALL ${select("invoice")}`, [companyId]);
      return rows.map((row: { readonly name: string }) => row.name);
    },
    async close() {
      await storage.close();
      await Promise.all([database.drop(), apart?.drop()]);
    },
  };
}

const targets: readonly (readonly [string, () => Promise<Target>])[] = [
  ["in memory", () => inMemory(false)],
  ["in memory, in the storage's transaction", () => inMemory(true)],
  ["of JSON Lines files", () => inFiles("jsonl")],
  ["of CSV files", () => inFiles("csv")],
  ["of our tables, in the storage's transaction", () => inPostgres(false, false)],
  ["of our tables, in another database", () => inPostgres(true, false)],
  ["of a host's tables, in the storage's transaction", () => inPostgres(false, true)],
  ["of a host's tables, in another database", () => inPostgres(true, true)],
];

test.each(targets)(
  "poisoned items among good ones affect only themselves with a sink %s",
  async (name, open) => {
    const dice = createDice(`poisoned items, ${name}`);
    for (let round = 1; round <= rounds; round += 1) {
      const target = await open();
      let outages = 0;
      let calls = 0;
      // Every pair of storage and sink has an outage in every round.
      const surely = dice.integer(1, 2);
      let stillOut = 0;
      const fails = (): boolean => {
        calls += 1;
        if (stillOut > 0) {
          stillOut -= 1;
          return true;
        }
        const begins = calls === surely || dice.integer(1, 30) === 1;
        // A run that has failed to deliver keeps the batch for the next one.
        if (begins) stillOut = dice.integer(0, 6);
        return begins;
      };
      const failing = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
        const isBefore = dice.integer(0, 1) === 1;
        const isOut = fails();
        if (isOut) outages += 1;
        if (isOut && isBefore) throw new Error("the connection was lost before");
        const answer = await work();
        if (isOut) throw new Error("the connection was lost after");
        return answer;
      };
      const { sink } = target;
      const writeIn = sink.writeIn;
      const unsteady: RecordSinkObject = {
        ...sink,
        write: (batch, context) => failing(() => sink.write(batch, context)),
        ...(writeIn !== undefined && {
          writeIn: (transaction, batch, context) => failing(() => writeIn(transaction, batch, context)),
        }),
      };
      try {
        const world = await createWorld(
          { ...target, totals: "decimal", sink: unsteady, records: async () => new Map() },
          {
            titan: { batchSize: dice.integer(3, 60) },
            simulator: { seed: dice.integer(1, 1_000_000) },
          },
        );
        const poisoned: string[] = [];
        for (const { record, feed, address } of poisonable) {
          for (const row of world.simulator.rows(world.tenantId, feed)) {
            // Inactive invoices make no record.
            if (dice.integer(1, 8) !== 1 || (record === "invoice" && row["active"] === false)) continue;
            poisoned.push(`${record} ${row.id}`);
            const set = { [address]: { ...(row[address] as object | null), street: poison } };
            world.simulator.mutate(world.tenantId, { kind: "edit", feed, id: row.id, set });
          }
        }
        const sums = { member: { delivered: 0, rejected: 0 }, invoice: { delivered: 0, rejected: 0 } };
        const sync = async (): Promise<RunResult> => {
          const run = await world.sync({ fresh: true });
          for (const { record } of poisonable) {
            const { derived, delivered, unchanged, leftOut, rejected } =
              run.ledger.records[record] ?? nothing;
            expect(derived).toBe(delivered + unchanged + leftOut + rejected);
            sums[record].delivered += delivered;
            sums[record].rejected += rejected;
          }
          for (const figures of Object.values(run.ledger.feeds)) {
            const { read, landed, unchanged, superseded, suppressed, rejected } = figures;
            expect(read).toBe(landed + unchanged + superseded + suppressed + rejected);
          }
          return run;
        };
        let result = await sync();
        for (let attempts = 1; result.status === "failed" && attempts < 30; attempts += 1)
          result = await sync();
        expect(result).toMatchObject({ status: "completed", error: null });
        const refused: string[] = [];
        const otherwise = new Set<string>();
        const judged = new Set<string>();
        const { companyId } = world;
        for await (const { feed, entityId, stage } of eachItem((page) =>
          world.titan.rejections.list({ companyId }, page),
        )) {
          const one = `${feed === "customers" ? "member" : "invoice"} ${entityId}`;
          if (stage === "sink") refused.push(one);
          else otherwise.add(one);
          if (stage === "record") judged.add(one);
        }
        // Whatever failed in between, exactly the poisoned ones were refused.
        expect(refused.sort()).toEqual(poisoned.filter((one) => !otherwise.has(one)).sort());
        const arrived = await target.arrived(world.companyId);
        const current: string[] = [];
        for (const record of ["member", "invoice"] as const) {
          const page = await world.titan.records.list({ record, companyId }, { limit: 1000 });
          for (const item of page.items) {
            expect(item.record).not.toContain(poison);
            current.push(`${record} ${item.id}`);
          }
        }
        expect([...new Set(arrived)].sort()).toEqual(current.sort());
        // All runs together delivered each record once and refused each bad one once.
        for (const { record } of poisonable) {
          const count = (names: Iterable<string>): number =>
            [...names].filter((one) => one.startsWith(record)).length;
          expect(sums[record]).toEqual({
            delivered: count(current),
            rejected: count(new Set([...refused, ...judged])),
          });
        }
        expect(outages).toBeGreaterThan(0);
        report(
          `${name}, seed ${seed}: ${arrived.length} arrived, ${refused.length} refused, ${outages} outages`,
        );
      } finally {
        await target.close();
      }
    }
  },
);
