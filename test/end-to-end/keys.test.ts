import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateEncryptionKey } from "@titan-sync/core";
import { describe, expect, it } from "vitest";
import { install, installReady } from "./installation.js";

const keyFileOf = ({ directory }: { readonly directory: string }): string =>
  join(directory, ".titan-sync", "encryption-keys");

async function idsIn(file: string): Promise<readonly string[]> {
  const lines = (await readFile(file, "utf8")).trim().split("\n");
  return lines.map((line) => line.slice(0, line.indexOf(":")));
}

describe("titan-sync keys rotate", () => {
  it("adds a new key to the key file, and everything works without the old one", async () => {
    const installation = await installReady({ keyIn: "file" });
    const credentialId = await installation.connect("acme");
    const file = keyFileOf(installation);
    const [old] = await idsIn(file);

    const document = JSON.parse(await installation.must(["keys", "rotate", "--json"]));
    const [current, ...others] = await idsIn(file);
    expect(others).toEqual([old]);
    expect(document).toEqual({
      currentKeyId: current,
      addedKeyId: current,
      checked: 1,
      reencrypted: 1,
      suppressionLists: 0,
      failures: [],
      keysStillUsed: [],
      unusedKeys: [old],
      isComplete: true,
    });
    expect((await stat(file)).mode & 0o777).toBe(0o600);

    const [line = ""] = (await readFile(file, "utf8")).split("\n");
    await writeFile(file, `${line}\n`);
    await installation.must(["credential", "test", credentialId]);
  });

  it("works during a sync, whose token is under the new key from then on", async () => {
    const installation = await installReady({
      keyIn: "file",
      simulator: { exportPageSize: 10, tenants: [{ customers: 300, invoices: 0 }] },
    });
    await installation.connect("acme");
    const { faults } = installation.simulator;
    const slow = faults.inject({ endpoint: "export", effect: { kind: "latency", ms: 2000 } });
    const sync = installation.start(["sync", "--data", "customers", "--json"]);
    await sync.printed("page:read");

    const rotated = JSON.parse(await installation.must(["keys", "rotate", "--json"]));
    expect(rotated).toMatchObject({ isComplete: true, reencrypted: 1 });
    expect(sync.child.exitCode).toBeNull();
    faults.inject({ endpoint: "export", nth: 1, effect: { kind: "revoked-token" } });
    slow.remove();
    expect((await sync.result).exitCode).toBe(0);
    expect(installation.simulator.counters().tokenRequests).toBe(2);
    const again = JSON.parse(await installation.must(["keys", "rotate", "--json"]));
    expect(again.unusedKeys).toEqual([rotated.currentKeyId, ...rotated.unusedKeys]);
  });

  it("continues an unfinished rotation, instead of adding another key", async () => {
    const installation = await installReady({ keyIn: "file" });
    await installation.connect("acme");
    const file = keyFileOf(installation);
    // As if a rotation had been killed between the key and the first credential.
    await writeFile(file, `${generateEncryptionKey("begun")}\n${await readFile(file, "utf8")}`);
    const document = JSON.parse(await installation.must(["keys", "rotate", "--json"]));
    expect(document).toMatchObject({ currentKeyId: "begun", addedKeyId: null, isComplete: true });
    expect(await idsIn(file)).toHaveLength(2);
  });

  it("does not change configured keys, and says what to change", async () => {
    const installation = await install();
    const [first, second] = [generateEncryptionKey("first"), generateEncryptionKey("second")];
    const under = (...keys: readonly string[]) => ({
      environment: { TITAN_SYNC_ENCRYPTION_KEYS: keys.join(",") },
    });
    const [tenant] = installation.simulator.tenants;
    if (tenant === undefined) throw new Error("no tenant");
    await installation.must(["init"], under(first));
    const { tenantId, environment, clientId, clientSecret, appKey } = tenant;
    const values = ["--company", "acme", "--tenant", tenantId, "--environment", environment];
    await installation.must(["credential", "add", ...values, "--client-id", clientId, "--secrets-stdin"], {
      ...under(first),
      input: JSON.stringify({ clientSecret, appKey }),
    });

    const nothing = await installation.must(["keys", "rotate"], under(first));
    expect(nothing).toContain("put it first in TITAN_SYNC_ENCRYPTION_KEYS");
    const rotated = await installation.must(["keys", "rotate"], under(second, first));
    expect(rotated).toContain("1 re-encrypted");
    expect(rotated).toContain("No longer used: first.");
    expect(rotated).not.toContain(second.slice(second.indexOf(":") + 1));
    await installation.must(["sync", "--data", "customers"], under(second));
  });

  it("says which credential it could not read, and exits 3", async () => {
    const installation = await installReady({ keyIn: "file" });
    const credentialId = await installation.connect("acme");
    const file = keyFileOf(installation);
    const [lost] = await idsIn(file);
    await writeFile(file, generateEncryptionKey("other"));

    const { exitCode, stdout } = await installation.run(["keys", "rotate"]);
    expect(exitCode).toBe(3);
    expect(stdout).toContain(`${credentialId}: `);
    expect(stdout).toContain(`Still in use: ${lost}`);
    expect(stdout).toContain("credential update");
  });
});
