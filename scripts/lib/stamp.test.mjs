import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { filesBelow, fingerprint } from "./fingerprint.mjs";
import { unlessUpToDate } from "./stamp.mjs";

let directory = "";
let performed = 0;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "titan-sync-stamp-"));
  performed = 0;
  await writeFile(join(directory, "source"), "1");
});

afterEach(() => rm(directory, { recursive: true }));

/** @param {() => Promise<void>} [perform] */
function work(perform) {
  return unlessUpToDate({
    file: join(directory, "cache", "stamp"),
    before: () => fingerprint(directory, [join(directory, "source")]),
    after: () => fingerprint(directory, [join(directory, "product")]),
    perform:
      perform ??
      (async () => {
        performed += 1;
        await writeFile(join(directory, "product"), "made");
      }),
  });
}

it("does the work once while nothing changes", async () => {
  expect(await work()).toBe(true);
  expect(await work()).toBe(false);
  expect(performed).toBe(1);
});

it("does the work again when a source has changed", async () => {
  await work();
  await writeFile(join(directory, "source"), "2");
  expect(await work()).toBe(true);
});

it("does the work again when an output was changed or deleted", async () => {
  await work();
  await writeFile(join(directory, "product"), "stale");
  expect(await work()).toBe(true);
  await rm(join(directory, "product"));
  expect(await work()).toBe(true);
  expect(performed).toBe(3);
});

it("does the work again after it failed, even if nothing else has changed", async () => {
  await work();
  await writeFile(join(directory, "source"), "2");
  await expect(work(() => Promise.reject(new Error("no disk")))).rejects.toThrow("no disk");
  await writeFile(join(directory, "source"), "1");
  expect(await work()).toBe(true);
});

it("does the work again when a source changed during it", async () => {
  await work(() => writeFile(join(directory, "source"), "2"));
  expect(await work()).toBe(true);
});

it("distinguishes files by name, content and existence", async () => {
  const path = join(directory, "source");
  const first = await fingerprint(directory, [path]);
  await writeFile(join(directory, "other"), "1");
  expect(await fingerprint(directory, [join(directory, "other")])).not.toBe(first);
  await writeFile(path, "");
  const empty = await fingerprint(directory, [path]);
  await rm(path);
  expect(await fingerprint(directory, [path])).not.toBe(empty);
});

it("lists files below a directory in order, and none below a missing one", async () => {
  await writeFile(join(directory, "another"), "");
  expect(await filesBelow(directory)).toEqual([join(directory, "another"), join(directory, "source")]);
  expect(await filesBelow(join(directory, "missing"))).toEqual([]);
});
