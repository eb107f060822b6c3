import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { migrate } from "@titan-sync/sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fillSource } from "../packages/runner/src/move/__fixtures__/fill-source.js";
import { createTestDatabase, type TestDatabase } from "../test/postgres/database.js";
import { createDice, isSample, report, seed } from "./support/campaign.js";
import { createHistogram } from "./support/histogram.js";
import { measureProgram } from "./support/measured-program.js";

const moves = isSample ? 1 : 12;
const killsPerMove = isSample ? 2 : 9;
const rows = isSample ? 3000 : 60_000;
const manyRows = isSample ? 5000 : 1_000_000;
const heapMb = 64;

const bin = fileURLToPath(new URL("../packages/runner/dist/bin.js", import.meta.url));

describe("titan-sync move", () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), "titan-sync-move-"));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  /** A data directory with rows in every table, many in some. */
  async function createSource(name: string, count: number): Promise<string> {
    const directory = path.join(root, name);
    await mkdir(directory, { mode: 0o700 });
    const file = path.join(directory, "titan-sync.db");
    await migrate({ path: file });
    const database = new DatabaseSync(file);
    fillSource(database);
    addRows(database, count);
    database.close();
    return directory;
  }

  test("killed at random moments and repeated, ends with the same target as a move that nobody kills", async () => {
    const dice = createDice("moves");
    const source = await createSource("source", rows);
    const reached = createHistogram();
    const whole = await createTestDatabase({ empty: true });
    const first = startMove(await copyOf(source, "whole"), whole);
    await first.begun;
    const begunAt = performance.now();
    await first.mustEnd();
    const usualMs = Math.ceil(performance.now() - begunAt);
    const expected = await everything(whole);
    expect(expected.get("entities")?.length).toBeGreaterThan(rows);

    for (let round = 1; round <= moves; round += 1) {
      const directory = await copyOf(source, `copy-${round}`);
      const target = await createTestDatabase({ empty: true });
      let kills = 0;
      for (;;) {
        const move = startMove(directory, target);
        if (dice.integer(1, 10) > 1) await move.begun;
        const isKilled = kills < killsPerMove && (await move.killAfter(dice.integer(0, usualMs)));
        if (!isKilled) {
          await move.mustEnd();
          break;
        }
        kills += 1;
        reached.add(await placeOf(directory, target));
        // As if the mark of the killed process had expired, which takes 15 seconds.
        update(directory, "UPDATE move SET held_until = 0");
      }
      expect(await everything(target)).toEqual(expected);
      expect(await placeOf(directory, target)).toBe("complete");
      await target.drop();
      await rm(directory, { recursive: true });
    }
    await whole.drop();
    report(
      `${moves} moves of ${rows} rows and more, killed ${reached.total} times (seed ${seed}). Reached then:\n${reached.print()}`,
    );
  });

  test(`needs a heap of ${heapMb} MB for a million rows`, async () => {
    const directory = await createSource("million", manyRows);
    const target = await createTestDatabase({ empty: true });
    const { exitCode, peakMb, seconds } = await measureProgram({
      args: ["--data-dir", directory, "move", "--to", target.url],
      heapMb,
      workingDirectory: directory,
      environment: {},
    });
    expect(exitCode).toBe(0);
    const { rows: counted } = await target.pool.query(
      "SELECT count(*)::int AS count FROM titan_sync.entities",
    );
    expect(counted[0]?.count).toBeGreaterThan(manyRows);
    report(
      `${manyRows} rows moved with a heap of ${heapMb} MB: ${seconds.toFixed(0)} s, ${peakMb.toFixed(0)} MB.`,
    );
    await target.drop();
  });

  async function copyOf(source: string, name: string): Promise<string> {
    const directory = path.join(root, name);
    await mkdir(directory, { mode: 0o700 });
    await cp(path.join(source, "titan-sync.db"), path.join(directory, "titan-sync.db"));
    return directory;
  }
});

function addRows(database: DatabaseSync, count: number): void {
  const numbers = `WITH RECURSIVE number (n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM number WHERE n < ${100 + count})`;
  const payload = `'{"id":' || n || ',"name":"' || hex(zeroblob(60)) || '"}'`;
  database.exec(`BEGIN;
    INSERT INTO entities (scope_id, feed, entity_id, removed, source, content_hash, used_hash, links, landed_at,
      payload_bytes, payload)
      ${numbers} SELECT 5, 'jobs', n, 0, 'export', 'h' || n, 'u', '{}', n, 150, ${payload} FROM number;
    INSERT INTO work_items ${numbers} SELECT 5, 'invoice', 'jobs', n, n, NULL, NULL FROM number WHERE n % 4 = 0;
    INSERT INTO delivered_records (scope_id, record_type, entity_id, revision, removed, content_hash, delivered_at, record)
      ${numbers} SELECT 5, 'invoice', n, n, 0, 'h', n, ${payload} FROM number WHERE n % 2 = 0;
    COMMIT;`);
}

function startMove(directory: string, target: TestDatabase) {
  const child = spawn(process.execPath, [bin, "--data-dir", directory, "move", "--to", target.url], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { PATH: process.env["PATH"], HOME: directory },
  });
  const complaints = text(child.stderr);
  const gone = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  return {
    /** It has told of a table, or is gone. */
    begun: Promise.race([once(child.stderr, "data"), gone]),
    /** @returns whether it was killed before it had ended. */
    async killAfter(ms: number): Promise<boolean> {
      await Promise.race([delay(ms), gone]);
      child.kill("SIGKILL");
      return (await gone)[1] === "SIGKILL";
    },
    async mustEnd(): Promise<void> {
      const [code] = await gone;
      if (code !== 0) throw new Error(`A move ended with ${code}.\n${await complaints}`);
    },
  };
}

/** How far a move has come: the table it copies, or what comes after all tables. */
async function placeOf(directory: string, { pool }: TestDatabase): Promise<string> {
  const marks = await pool
    .query<{ place: { table: string | null } }>("SELECT place FROM titan_sync.unfinished_move")
    .catch(() => null);
  if (marks === null) return "no tables yet";
  const isGivenUp = update(directory, "SELECT 1 FROM move WHERE finished_at IS NOT NULL").length > 0;
  const [mark] = marks.rows;
  if (mark === undefined) return isGivenUp ? "complete" : "nothing copied";
  if (isGivenUp) return "source given up, target incomplete";
  return mark.place.table ?? "everything copied";
}

function update(directory: string, statement: string): readonly unknown[] {
  const database = new DatabaseSync(path.join(directory, "titan-sync.db"), { timeout: 5000 });
  try {
    return database.prepare(statement).all();
  } finally {
    database.close();
  }
}

/** Every row of every table, and where every sequence continues. */
async function everything({ pool }: TestDatabase): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
    WHERE table_schema = 'titan_sync' AND table_type = 'BASE TABLE' ORDER BY 1`,
  );
  const all = new Map<string, readonly string[]>();
  for (const { name } of tables) {
    // When the tables were made is another time in each database.
    if (name === "migrations") continue;
    const { rows: found } = await pool.query<{ row: string }>(
      `SELECT to_jsonb(held)::text AS row FROM titan_sync.${name} held ORDER BY 1`,
    );
    all.set(
      name,
      found.map(({ row }) => row),
    );
  }
  const { rows: sequences } = await pool.query<{ row: string }>(
    "SELECT sequencename || ' ' || coalesce(last_value::text, '-') AS row FROM pg_sequences WHERE schemaname = 'titan_sync' ORDER BY 1",
  );
  return all.set(
    "sequences",
    sequences.map(({ row }) => row),
  );
}
