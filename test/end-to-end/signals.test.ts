import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateEncryptionKey } from "@titan-sync/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { endLeasesSoon, openFile } from "./embedded-database.js";
import { type Installation, installReady } from "./installation.js";
import type { RunningProgram } from "./program.js";

const simulator = { tenants: [{ customers: 25, invoices: 40 }, { customers: 12 }] };

function urlOf(server: RunningProgram): string {
  return /"url":"([^"]+)"/.exec(server.output().stdout)?.[1] ?? "";
}

async function queueRun({ must }: Installation, id: string): Promise<string> {
  const { runId } = JSON.parse(await must(["schedule", "run", "--credential", id, "--json"]));
  return String(runId);
}

/** Keeps everybody from writing until the returned function is called. */
function lock(installation: Installation): () => void {
  const database = openFile(installation);
  database.exec("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE");
  const release = (): void => {
    if (database.isOpen) database.close();
  };
  onTestFinished(release);
  return release;
}

/** Waits until a program with `--json` has said that a run ended. */
async function untilEnded({ child, output }: RunningProgram, runId: string): Promise<void> {
  const hasEnded = (): boolean =>
    output()
      .stdout.split("\n")
      .some((line) => line.includes('"event":"run:end"') && line.includes(`"runId":"${runId}"`));
  while (!hasEnded() && child.stdout !== null) await once(child.stdout, "data");
}

describe("signals to titan-sync serve", () => {
  it("end it at once when a second one comes, and its run continues elsewhere", async () => {
    const installation = await installReady({ simulator });
    const id = await installation.connect("acme");
    const server = installation.start(["serve", "--port", "0", "--json"]);
    await server.printed('"event":"listening"');
    const hang = installation.simulator.faults.inject({ feed: "invoices", effect: { kind: "hang" } });
    const runId = await queueRun(installation, id);
    await server.printed(`"runId":"${runId}"`);

    // What is to be handed over cannot be stored: the server waits for that.
    const release = lock(installation);
    server.child.kill("SIGTERM");
    const ready = await untilNotReady(`${urlOf(server)}/health/ready`);
    expect(ready).toMatchObject({ missing: [{ part: "process", message: "The process is shutting down." }] });
    expect(server.child.exitCode).toBeNull();
    server.child.kill("SIGTERM");
    expect((await server.result).exitCode).toBe(130);
    release();
    hang.remove();
    endLeasesSoon(installation);

    const next = installation.start(["worker", "--json"]);
    await next.printed('"event":"run:end"');
    next.child.kill("SIGTERM");
    expect((await next.result).exitCode).toBe(0);
    const { items } = JSON.parse(await installation.must(["history", "--json"]));
    expect(items).toMatchObject([{ id: runId, status: "completed", handedOver: 0 }]);
  }, 240_000);

  it("have it read companies and keys again, and end nothing", async () => {
    const installation = await installReady({
      simulator,
      keyIn: "file",
      environment: { TITAN_SYNC_LOG_LEVEL: "info" },
    });
    const { directory, must, start } = installation;
    const keyFile = join(directory, ".titan-sync", "encryption-keys");
    const key = (await readFile(keyFile, "utf8")).trim();
    const configure = (trade: string, encryptionKeys: string): Promise<void> =>
      writeFile(
        join(directory, "titan-sync.config.json"),
        JSON.stringify({ encryptionKeys, companies: { beta: { trade } } }),
        { mode: 0o600 },
      );
    await configure("HVAC", key);
    await rm(keyFile);
    const acme = await installation.connect("acme", 0);
    const beta = await installation.connect("beta", 1);
    const server = start(["serve", "--port", "0", "--json"]);
    await server.printed('"event":"listening"');
    installation.simulator.faults.inject({
      feed: "invoices",
      effect: { kind: "latency", ms: 3000 },
      times: 1,
    });
    const first = await queueRun(installation, acme);
    await server.printed(`"runId":"${first}"`);
    await configure("Plumbing", `${generateEncryptionKey("second")},${key}`);
    server.child.kill("SIGHUP");
    await server.printed("read again");
    await untilEnded(server, first);

    // Nothing can be read with the keys of the beginning any longer.
    await must(["keys", "rotate"]);
    const second = await queueRun(installation, beta);
    await untilEnded(server, second);
    const ready = await fetch(`${urlOf(server)}/health/ready`);
    expect(ready.status).toBe(200);
    server.child.kill("SIGTERM");
    expect((await server.result).exitCode).toBe(0);
    const { items } = JSON.parse(await must(["history", "--json"]));
    expect(items).toMatchObject([
      { id: second, status: "completed", handedOver: 0 },
      { id: first, status: "completed", handedOver: 0 },
    ]);
    const members = (await must(["export", "members", "--company", "beta", "--format", "jsonl"]))
      .trim()
      .split("\n");
    expect(members).toHaveLength(12);
    for (const line of members) expect(JSON.parse(line)).toMatchObject({ trade: "Plumbing" });
  }, 240_000);
});

/** @returns what it answers once it is not ready. */
async function untilNotReady(url: string): Promise<unknown> {
  for (;;) {
    const response = await fetch(url);
    const body: unknown = await response.json();
    if (response.status !== 200) return body;
  }
}
