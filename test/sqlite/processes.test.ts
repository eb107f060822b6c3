import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { migrate, openSqlite, sqliteStorage } from "@titan-sync/sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { WriterMessage, WriterPlan } from "./writer-plan.js";

let directory: string;
let file: string;
beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), "titan-sync-processes-"));
  file = path.join(directory, "titan-sync.db");
  await migrate({ path: file });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const worker = fileURLToPath(new URL("writer.worker.ts", import.meta.url));
const hooks = new URL("../../campaign/workers/typescript.mjs", import.meta.url).href;

interface Writer {
  /** Batches that it was told have landed. */
  landed(): number;
  /** Resolves as soon as so many batches have. */
  reaches(batches: number): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Its exit code or signal, and what it complained of. */
  readonly gone: Promise<{ readonly end: number | NodeJS.Signals | null; readonly complaints: string }>;
}

function start(companyId: string, plan: Partial<WriterPlan> = {}): Writer {
  const whole: WriterPlan = { path: file, companyId, batches: 40, rowsInBatch: 50, ...plan };
  const flags = ["--conditions=@titan-sync/source", "--import", hooks, worker, JSON.stringify(whole)];
  const child = spawn(process.execPath, flags, { stdio: ["ignore", "pipe", "pipe"] });
  let landed = 0;
  const waiting: (() => void)[] = [];
  createInterface(child.stdout).on("line", (line) => {
    const message = JSON.parse(line) as WriterMessage;
    if (message.kind === "landed") landed = message.batches;
    for (const look of waiting) look();
  });
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints += text;
  });
  const gone = once(child, "close").then(([code, signal]) => ({ end: code ?? signal, complaints }));
  return {
    landed: () => landed,
    async reaches(batches) {
      const reached = new Promise<void>((resolve) => {
        waiting.push(() => landed >= batches && resolve());
      });
      const died = gone.then(({ complaints: text }) => {
        if (landed < batches) throw new Error(`A writer ended early.\n${text}`);
      });
      await Promise.race([reached, died]);
    },
    signal: (name) => void child.kill(name),
    gone,
  };
}

async function countLanded(from: string, companyId: string): Promise<number> {
  const storage = sqliteStorage({ path: from });
  const { live } = await storage.countEntities({
    scope: { companyId, environment: "production", tenantId: "42" },
    feed: "customers",
    after: null,
    limit: 1_000_000,
    since: 0,
  });
  await storage.close();
  return live;
}

it("processes on one file failed because of each other's locks, lost a lease, or mixed their rows", async () => {
  const companies = ["one", "two", "three", "four"];
  const writers = companies.map((companyId) => start(companyId));
  // Whoever looks on meanwhile waits for nobody.
  const watching = sqliteStorage({ path: file });
  await Promise.all(writers.map((writer) => writer.reaches(1)));
  expect((await watching.listRuns({}, { limit: 10 })).items.length).toBeGreaterThan(0);
  for (const writer of writers) expect(await writer.gone).toEqual({ end: 0, complaints: "" });
  for (const companyId of companies) expect(await countLanded(file, companyId)).toBe(40 * 50);
  const { items } = await watching.listRuns({}, { limit: 10 });
  expect(items.map((run) => [run.status, run.feeds["customers"]?.landed])).toEqual(
    companies.map(() => ["completed", 40 * 50]),
  );
  await watching.close();
});

it("a killed process lost data that had been acknowledged", async () => {
  const [killed, other] = [start("killed", { batches: 100_000 }), start("other")];
  await killed.reaches(5);
  killed.signal("SIGKILL");
  expect((await killed.gone).end).toBe("SIGKILL");
  expect(await other.gone).toEqual({ end: 0, complaints: "" });
  expect(await countLanded(file, "killed")).toBeGreaterThanOrEqual(killed.landed() * 50);
  expect(await countLanded(file, "other")).toBe(40 * 50);
});

it("a power failure lost data that had been acknowledged", async () => {
  const writer = start("cut", { batches: 100_000 });
  await writer.reaches(5);
  writer.signal("SIGSTOP");
  const acknowledged = writer.landed();
  // As the disk has it while nobody can tidy up.
  const copy = mkdtempSync(path.join(tmpdir(), "titan-sync-copy-"));
  for (const part of ["titan-sync.db", "titan-sync.db-wal"]) {
    copyFileSync(path.join(directory, part), path.join(copy, part));
  }
  writer.signal("SIGKILL");
  await writer.gone;
  expect(await countLanded(path.join(copy, "titan-sync.db"), "cut")).toBeGreaterThanOrEqual(
    acknowledged * 50,
  );
  rmSync(copy, { recursive: true, force: true });
});

it("a file can be opened and closed by several processes at once", async () => {
  const opened = Array.from({ length: 8 }, () => openSqlite({ path: file }));
  await Promise.all(opened.map((database) => database.close()));
  expect(await countLanded(file, "nobody")).toBe(0);
});
