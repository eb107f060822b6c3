import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { staticKeys } from "@titan-sync/core";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../__fixtures__/temporary-directory.js";
import { createKeyFile, readKeyFile } from "./key-file.js";

describe("the key file", () => {
  it("is created readable only to its owner, with a usable key", async () => {
    const file = join(await temporaryDirectory(), "encryption-keys");
    expect(await createKeyFile(file)).toBe(true);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const keys = staticKeys((await readKeyFile(file)) ?? "");
    expect((await keys.current()).bytes).toHaveLength(64);
  });

  it("is never replaced", async () => {
    const file = join(await temporaryDirectory(), "encryption-keys");
    await createKeyFile(file);
    const before = await readFile(file, "utf8");
    expect(await createKeyFile(file)).toBe(false);
    expect(await readFile(file, "utf8")).toBe(before);
  });

  it("may contain one key per line", async () => {
    const file = join(await temporaryDirectory(), "encryption-keys");
    await writeFile(file, "new:AAAA\n\nold:BBBB\n", { mode: 0o600 });
    expect(await readKeyFile(file)).toBe("new:AAAA,old:BBBB");
  });

  it.each([0o640, 0o604, 0o660, 0o644])("is refused if others can read it (mode %o)", async (mode) => {
    const file = join(await temporaryDirectory(), "encryption-keys");
    await createKeyFile(file);
    await chmod(file, mode);
    await expect(readKeyFile(file)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining(mode.toString(8)),
      hint: expect.stringContaining(`chmod 600 ${file}`),
    });
  });

  it("may be missing", async () => {
    expect(await readKeyFile(join(await temporaryDirectory(), "encryption-keys"))).toBeNull();
  });
});
