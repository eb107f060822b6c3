import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../__fixtures__/temporary-directory.js";
import { writeAtomically } from "./atomic-file.js";
import { write } from "./write.js";

describe("a file that is written atomically", () => {
  it("takes the place of the old one when it is complete", async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, "out.csv");
    await writeFile(path, "old");
    await writeAtomically(path, async (stream) => {
      await write(stream, "new ");
      expect(await readFile(path, "utf8")).toBe("old");
      await write(stream, "text");
    });
    expect(await readFile(path, "utf8")).toBe("new text");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toEqual(["out.csv"]);
  });

  it("leaves the old one, and nothing else, when filling it fails", async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, "out.csv");
    await writeFile(path, "old");
    const writing = writeAtomically(path, async (stream) => {
      await write(stream, "half");
      throw new Error("Interrupted.");
    });
    await expect(writing).rejects.toThrow("Interrupted.");
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(directory)).toEqual(["out.csv"]);
  });

  it("fails when its directory does not exist", async () => {
    const path = join(await temporaryDirectory(), "missing", "out.csv");
    await expect(writeAtomically(path, async (stream) => write(stream, "x"))).rejects.toThrow("ENOENT");
  });
});
