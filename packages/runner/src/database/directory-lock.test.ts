import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryDirectory } from "../__fixtures__/temporary-directory.js";
import { lockDirectory } from "./directory-lock.js";
import { processStart } from "./process-start.js";

const neverLost = (): never => {
  throw new Error("The lock was lost.");
};

/** A process that does nothing until it is killed. */
async function idleProcess(): Promise<{ readonly pid: number; kill(): Promise<void> }> {
  const child: ChildProcess = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  await once(child, "spawn");
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };
  onTestFinished(kill);
  return { pid: child.pid ?? 0, kill };
}

/** A lock as a process that was killed leaves it. */
async function leaveLock(directory: string, holder: object | null): Promise<void> {
  await mkdir(join(directory, "lock"));
  if (holder !== null) await writeFile(join(directory, "lock.json"), JSON.stringify(holder));
}

async function holderOf(pid: number, host = hostname()): Promise<object> {
  return { pid, host, processStart: await processStart(pid), since: "2026-03-01T12:00:00.000Z" };
}

describe("the lock of a data directory", () => {
  it("is given to one at a time, and the refusal names the holder's pid", async () => {
    const directory = await temporaryDirectory();
    const lock = await lockDirectory(directory, neverLost);
    await expect(lockDirectory(directory, neverLost)).rejects.toThrow(`process ${process.pid}`);
    await lock.release();
    await (await lockDirectory(directory, neverLost)).release();
  });

  it("may be released twice", async () => {
    const lock = await lockDirectory(await temporaryDirectory(), neverLost);
    await lock.release();
    await expect(lock.release()).resolves.toBeUndefined();
  });

  it("is refused while another process lives, however long that was silent", async () => {
    const directory = await temporaryDirectory();
    const { pid } = await idleProcess();
    await leaveLock(directory, await holderOf(pid));
    await utimes(join(directory, "lock"), 0, 0);
    await expect(lockDirectory(directory, neverLost)).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining(`process ${pid} on ${hostname()}`),
    });
  });

  it("is taken over at once from a process that was killed", async () => {
    const directory = await temporaryDirectory();
    const victim = await idleProcess();
    await leaveLock(directory, await holderOf(victim.pid));
    await victim.kill();
    const startedAt = performance.now();
    const lock = await lockDirectory(directory, neverLost);
    expect(performance.now() - startedAt).toBeLessThan(2000);
    expect(JSON.parse(await readFile(join(directory, "lock.json"), "utf8"))).toMatchObject({
      pid: process.pid,
    });
    await lock.release();
  });

  it.runIf(process.platform === "linux")(
    "is taken over when the pid has gone to a process that began later",
    async () => {
      const directory = await temporaryDirectory();
      await leaveLock(directory, { ...(await holderOf(process.pid)), processStart: "1" });
      await (await lockDirectory(directory, neverLost)).release();
    },
  );

  it("is taken over from another machine only after half a minute of silence", async () => {
    const directory = await temporaryDirectory();
    await leaveLock(directory, await holderOf(1, "another-machine"));
    await expect(lockDirectory(directory, neverLost)).rejects.toThrow("another-machine");
    const silentSince = Date.now() / 1000 - 31;
    await utimes(join(directory, "lock"), silentSince, silentSince);
    await (await lockDirectory(directory, neverLost)).release();
  });

  it("goes to exactly one of many that find a dead holder together", async () => {
    const directory = await temporaryDirectory();
    const victim = await idleProcess();
    await leaveLock(directory, await holderOf(victim.pid));
    await victim.kill();
    const attempts = await Promise.allSettled(
      Array.from({ length: 5 }, () => lockDirectory(directory, neverLost)),
    );
    const won = attempts.filter((attempt) => attempt.status === "fulfilled");
    expect(won).toHaveLength(1);
    await won[0]?.value.release();
  });
});
