import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateEncryptionKey } from "@titan-sync/core";
import { expect, it, vi } from "vitest";
import { testContext } from "../__fixtures__/context.js";
import { temporaryDirectory } from "../__fixtures__/temporary-directory.js";
import { loadSettings } from "../configuration/load-settings.js";
import { createLogger } from "../output/logger.js";
import { loadKeys } from "./encryption-keys.js";
import { followReloads } from "./follow-reloads.js";

async function followed() {
  const directory = await temporaryDirectory();
  const configure = (trade: string, key: string): Promise<void> =>
    writeFile(
      join(directory, "titan-sync.config.json"),
      JSON.stringify({ encryptionKeys: key, companies: { acme: { trade } } }),
    );
  const [before, after] = [generateEncryptionKey(), generateEncryptionKey()];
  await configure("HVAC", before);
  const listeners = new Set<() => void>();
  const context = testContext({
    workingDirectory: directory,
    onReload(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  });
  const settings = await loadSettings(context, {});
  const keys = await loadKeys(settings);
  const read = followReloads(context, {}, { settings, keys }, createLogger("info", context.stderr));
  const reload = (): void => {
    for (const listener of listeners) listener();
  };
  return { read, reload, configure, before, after, listeners, log: () => context.stderr.text() };
}

it("reads companies and keys again when asked, for a service that is running", async () => {
  const { read, reload, configure, after, listeners, log } = await followed();
  await configure("Plumbing", after);
  expect(read.settings().companies).toEqual({ acme: { trade: "HVAC" } });
  reload();
  await vi.waitFor(() => expect(log()).toContain("read again"));
  expect(read.settings().companies).toEqual({ acme: { trade: "Plumbing" } });
  expect((await read.keys.current()).id).toBe(after.split(":")[0]);
  read.release();
  expect(listeners.size).toBe(0);
});

it("keeps everything as it was when the new configuration is unusable, and says so", async () => {
  const { read, reload, configure, before, log } = await followed();
  await configure("Plumbing", "nonsense");
  reload();
  await vi.waitFor(() => expect(log()).toContain("could not be read again"));
  expect(read.settings().companies).toEqual({ acme: { trade: "HVAC" } });
  expect((await read.keys.current()).id).toBe(before.split(":")[0]);
  expect(log()).not.toContain("nonsense");
});
