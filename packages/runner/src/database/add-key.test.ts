import { chmod, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { staticKeys } from "@titan-sync/core";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../__fixtures__/temporary-directory.js";
import { addKey } from "./add-key.js";
import { createKeyFile, readKeyFile } from "./key-file.js";

const { signal } = new AbortController();
const always = async (): Promise<boolean> => true;

async function newKeyFile(): Promise<string> {
  const file = join(await temporaryDirectory(), "encryption-keys");
  await createKeyFile(file);
  return file;
}

const entriesOf = async (file: string): Promise<string[]> => ((await readKeyFile(file)) ?? "").split(",");

describe("a key added to the key file", () => {
  it("comes first, and earlier keys remain", async () => {
    const file = await newKeyFile();
    const [old] = await entriesOf(file);
    expect(await addKey(file, always, signal)).toBe(true);
    const [first, ...others] = await entriesOf(file);
    expect(others).toEqual([old]);
    expect((await staticKeys(first ?? "").current()).bytes).toHaveLength(64);
  });

  it("leaves the file readable only to its owner, with nothing next to it", async () => {
    const file = await newKeyFile();
    const left = join(dirname(file), ".encryption-keys.1a2b.partial");
    await writeFile(left, "left by a killed process", { mode: 0o600 });
    await addKey(file, always, signal);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(dirname(file))).toEqual(["encryption-keys"]);
  });

  it("is written to where the file really is", async () => {
    const file = await newKeyFile();
    const link = join(await temporaryDirectory(), "encryption-keys");
    await symlink(file, link);
    await addKey(link, always, signal);
    expect(await entriesOf(file)).toHaveLength(2);
    expect(await readFile(link, "utf8")).toBe(await readFile(file, "utf8"));
  });

  it("is not added if it is not wanted, or if the file is readable to others", async () => {
    const file = await newKeyFile();
    expect(await addKey(file, async () => false, signal)).toBe(false);
    await chmod(file, 0o644);
    await expect(addKey(file, always, signal)).rejects.toThrow("mode 644");
    await chmod(file, 0o600);
    expect(await entriesOf(file)).toHaveLength(1);
  });

  it("overwrites no other process's key: the processes check in turn whether theirs is wanted", async () => {
    const file = await newKeyFile();
    const isFirst = async (): Promise<boolean> => (await entriesOf(file)).length === 1;
    const added = await Promise.all([1, 2, 3].map(() => addKey(file, isFirst, signal)));
    expect(added.filter(Boolean)).toHaveLength(1);
    expect(await entriesOf(file)).toHaveLength(2);
  });

  it("is not waited for if nobody wants to wait", async () => {
    const file = await newKeyFile();
    const held = Promise.withResolvers<void>();
    const letGo = Promise.withResolvers<boolean>();
    const holding = addKey(
      file,
      () => {
        held.resolve();
        return letGo.promise;
      },
      signal,
    );
    await held.promise;
    const controller = new AbortController();
    const waiting = addKey(file, always, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
    letGo.resolve(false);
    await holding;
  });
});
