import { cp, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { installReady } from "./installation.js";

describe("a backup", () => {
  it("restores the state at the time of the backup, and the next sync continues from there", async () => {
    const installation = await installReady({ keyIn: "file" });
    await installation.connect("acme");
    await installation.must(["sync", "--data", "both"]);
    const before = await installation.must(["export", "invoices"]);
    const printed = await installation.must(["backup", "--out", "copy.db"]);
    expect(printed).toContain("To restore it");
    expect(printed).toContain("encryption-keys");
    expect((await stat(join(installation.directory, "copy.db"))).mode & 0o777).toBe(0o600);

    installation.simulator.mutateRandomly({ count: 30 });
    await installation.must(["sync", "--data", "both", "--fresh"]);
    const after = await installation.must(["export", "invoices"]);

    const database = join(installation.directory, ".titan-sync", "titan-sync.db");
    await rm(`${database}-wal`, { force: true });
    await rm(`${database}-shm`, { force: true });
    await cp(join(installation.directory, "copy.db"), database);
    expect(await installation.must(["export", "invoices"])).toBe(before);
    await installation.must(["sync", "--data", "both", "--fresh"]);
    expect(await installation.must(["export", "invoices"])).toBe(after);
  });

  it("does not replace a file unless requested", async () => {
    const installation = await installReady({ keyIn: "file" });
    await writeFile(join(installation.directory, "copy.db"), "somebody's");
    const refused = await installation.run(["backup", "--out", "copy.db"]);
    expect(refused).toMatchObject({ exitCode: 2 });
    expect(refused.stderr).toContain("exists");
    expect(
      JSON.parse(await installation.must(["backup", "--out", "copy.db", "--overwrite", "--json"])),
    ).toEqual({
      file: join(installation.directory, "copy.db"),
      bytes: expect.any(Number),
    });
  });

  it("of PostgreSQL is left to pg_dump", async () => {
    const installation = await installReady({ database: "postgres" });
    const { exitCode, stderr } = await installation.run(["backup", "--out", "copy.db"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("pg_dump --format=custom --schema=titan_sync");
    expect(stderr).not.toContain("postgres://");
  });
});
