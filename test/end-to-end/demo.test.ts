import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { runProgram, startProgram } from "./program.js";

const small = ["demo", "--customers", "150", "--invoices", "250"];

/** A directory that also serves as the system's temporary one, so that leftovers show. */
async function workplace() {
  const directory = await mkdtemp(join(tmpdir(), "titan-sync-demo-test-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return { workingDirectory: directory, environment: { TMPDIR: directory } };
}

describe("titan-sync demo", () => {
  it("syncs a simulated tenant twice, in plain lines without a terminal, and leaves nothing behind", async () => {
    const place = await workplace();
    const { exitCode, stdout, stderr } = await runProgram(small, place);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    for (const text of [
      "150 customers and 250 invoices",
      "is connected",
      "rows read",
      "429s met",
      "rows per second",
      "Some members:",
      "Some invoices:",
      "50 entities change",
      "50 entities changed",
      "were not touched",
      "titan-sync init",
    ]) {
      expect(stdout).toContain(text);
    }
    // No colors, no bars.
    expect(stdout).not.toContain("\u001b");
    expect(await readdir(place.workingDirectory)).toEqual([]);
  });

  it("cleans up when it is interrupted, exit code 130", async () => {
    const place = await workplace();
    const demo = startProgram(["demo", "--customers", "3000", "--invoices", "5000"], place);
    await demo.printed("First sync");
    demo.child.kill("SIGINT");
    expect((await demo.result).exitCode).toBe(130);
    expect(await readdir(place.workingDirectory)).toEqual([]);
  });

  it("keeps its data directory on request, for other commands to use", async () => {
    const place = await workplace();
    expect((await runProgram([...small, "--keep", "kept"], place)).exitCode).toBe(0);
    const status = await runProgram(["--data-dir", "kept", "status"], place);
    expect(status).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("demo-heating") });
  });
});
