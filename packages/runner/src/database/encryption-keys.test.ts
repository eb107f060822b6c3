import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateEncryptionKey, Secret } from "@titan-sync/core";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../__fixtures__/temporary-directory.js";
import { listKeyIds, loadKeys } from "./encryption-keys.js";

async function keyFileOf(...ids: readonly string[]) {
  const dataDirectory = await temporaryDirectory();
  const file = join(dataDirectory, "encryption-keys");
  const write = (...written: readonly string[]) =>
    writeFile(file, written.map((id) => generateEncryptionKey(id)).join("\n"), { mode: 0o600 });
  await write(...ids);
  return { settings: { dataDirectory, encryptionKeys: null }, file, write };
}

describe("the encryption keys", () => {
  it("follow the key file while the program runs", async () => {
    const { settings, write } = await keyFileOf("first");
    const keys = await loadKeys(settings, { maxAgeMs: 0 });
    expect((await keys.current()).id).toBe("first");
    await write("second", "first");
    expect((await keys.current()).id).toBe("second");
  });

  it("know a key that was just added, before the file is due to be read again", async () => {
    const { settings, write } = await keyFileOf("first");
    const keys = await loadKeys(settings);
    await write("second", "first");
    expect((await keys.find("second"))?.id).toBe("second");
  });

  it("do not change if the file becomes unusable", async () => {
    const { settings, file } = await keyFileOf("first");
    const keys = await loadKeys(settings, { maxAgeMs: 0 });
    await chmod(file, 0o644);
    expect((await keys.current()).id).toBe("first");
  });

  it("are refused at startup if the file is unusable", async () => {
    const { settings, file } = await keyFileOf("first");
    await writeFile(file, "no key");
    await expect(loadKeys(settings)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await expect(listKeyIds(settings)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });

  it("are listed by their ids, from every source", async () => {
    const { settings } = await keyFileOf("new", "old");
    expect(await listKeyIds(settings)).toEqual(["new", "old"]);
    const text = `${generateEncryptionKey("b")} , ${generateEncryptionKey("a")}`;
    expect(await listKeyIds({ ...settings, encryptionKeys: new Secret(text) })).toEqual(["b", "a"]);
  });
});
