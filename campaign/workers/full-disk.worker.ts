// Syncs into a file on a disk that fills up, makes room, and goes on.

import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import {
  ConflictError,
  createTitanSync,
  generateEncryptionKey,
  type Storage,
  staticKeys,
  TitanSyncError,
} from "@titan-sync/core";
import { createSimulator } from "@titan-sync/simulator";
import { migrate, openSqlite, sqliteSink, sqliteStorage } from "@titan-sync/sqlite";
import { columnsOf } from "../../test/sync/own-columns.js";
import type { FullDiskMessage, FullDiskPlan } from "./full-disk-plan.js";

const plan = JSON.parse(process.argv[2] ?? "") as FullDiskPlan;
const tell = (message: FullDiskMessage): void => void process.stdout.write(`${JSON.stringify(message)}\n`);

const simulator = createSimulator({
  seed: plan.seed,
  rateLimitPerSecond: null,
  exportPageSize: 25,
  exportLagMs: 0,
  tenants: [{ customers: 60, invoices: 120 }],
});
const credentials = simulator.tenants.map((tenant) => ({ companyId: "company-1", ...tenant }));
const keys = staticKeys(generateEncryptionKey());

const acknowledged = new Set<string>();
const keyOf = (feed: string, id: string): string => `${feed} ${id}`;

function notingLanded(storage: Storage): Storage {
  return {
    ...storage,
    async landRows(params) {
      const landed = await storage.landRows(params);
      for (const { id } of params.entities) acknowledged.add(keyOf(params.feed, id));
      return landed;
    },
  };
}

async function open(file: string) {
  await migrate({ path: file });
  const database = openSqlite({ path: file });
  const titan = createTitanSync({
    storage: notingLanded(sqliteStorage({ database })),
    sink: sqliteSink({ database }),
    keys,
    company: async () => ({ trade: "HVAC", importId: 7, timeZone: "America/Chicago" }),
    fetch: (input, init) => simulator.handle(new Request(input, init)),
    requestsPerSecond: 1000,
    leaseMs: 3000,
    batchSize: 25,
  });
  const [credentialId] = await Promise.all(
    credentials.map(async (values) => (await titan.credentials.create(values)).id),
  );
  if (credentialId === undefined) throw new Error("The simulator has no tenant.");
  return {
    async sync() {
      for (;;) {
        try {
          return await (await titan.sync({ credentialId, data: "both" })).result;
        } catch (error) {
          // Whoever could not end a run for want of room has its lease until it expires.
          if (!(error instanceof ConflictError) || error.leaseEndsInMs === null) throw error;
          await delay(error.leaseEndsInMs + 5);
        }
      }
    },
    async close() {
      await titan.close();
      await database.close();
    },
  };
}

function look<Result>(file: string, work: (reader: DatabaseSync) => Result): Result {
  const reader = new DatabaseSync(file, { readOnly: true });
  try {
    return work(reader);
  } finally {
    reader.close();
  }
}

const records = (file: string) =>
  look(file, (reader) =>
    ["members", "invoices"].map((name) => {
      const rows = reader.prepare(`SELECT * FROM ${name}_stream ORDER BY source_id`).all();
      return rows.map(columnsOf);
    }),
  );

function lost(file: string): number {
  return look(file, (reader) => {
    const rows = reader.prepare("SELECT feed, CAST(entity_id AS TEXT) AS id FROM entities").all();
    const held = new Set(rows.map((row) => keyOf(String(row["feed"]), String(row["id"]))));
    return [...acknowledged].filter((key) => !held.has(key)).length;
  });
}

const file = path.join(plan.directory, "data", "titan-sync.db");
const ballast = path.join(plan.directory, "ballast");
const small = await open(file);
const { bavail, bsize } = statfsSync(plan.directory);
writeFileSync(ballast, Buffer.alloc(Math.max(0, Number(bavail) * Number(bsize) - plan.roomBytes)));

/** How a sync ended that nobody else's lease and no slow machine ended. */
async function firstSync(): Promise<
  Pick<Extract<FullDiskMessage, { kind: "first sync" }>, "status" | "error">
> {
  for (;;) {
    try {
      const { status, error } = await small.sync();
      if (error?.code !== "LEASE_LOST") return { status, error };
    } catch (error) {
      if (!TitanSyncError.is(error)) throw error;
      if (error.code !== "LEASE_LOST") return { status: "none", error };
    }
  }
}

const { status: firstStatus, error } = await firstSync();
tell({
  kind: "first sync",
  status: firstStatus,
  error: error === null ? null : { code: error.code, message: error.message },
  acknowledged: acknowledged.size,
  lost: lost(file),
});

rmSync(ballast);
const { status } = await small.sync();
await small.close();
const elsewhere = mkdtempSync(path.join(tmpdir(), "titan-sync-room-"));
const other = path.join(elsewhere, "titan-sync.db");
const roomy = await open(other);
await roomy.sync();
await roomy.close();
tell({
  kind: "with room again",
  status,
  isWhole: look(
    file,
    (reader) => reader.prepare("PRAGMA integrity_check").get()?.["integrity_check"] === "ok",
  ),
  isEqual: lost(file) === 0 && isDeepStrictEqual(records(file), records(other)),
});
rmSync(elsewhere, { recursive: true, force: true });
