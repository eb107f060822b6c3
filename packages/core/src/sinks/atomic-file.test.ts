import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeFileAtomically, removePartialFiles, writeFileAtomically } from "./atomic-file.js";

async function setUp() {
  const directory = await mkdtemp(join(tmpdir(), "titan-sync-atomic-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, "out.csv");
  await writeFile(path, "old");
  return { directory, path, names: () => readdir(directory) };
}

describe("a file that is written atomically", () => {
  it("replaces the old one when it is complete", async () => {
    const { path, names } = await setUp();
    await writeFileAtomically(path, async (stream) => {
      stream.write("new ");
      expect(await readFile(path, "utf8")).toBe("old");
      stream.write("text");
    });
    expect(await readFile(path, "utf8")).toBe("new text");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await names()).toEqual(["out.csv"]);
  });

  it("leaves only the old one if writing fails", async () => {
    const { path, names } = await setUp();
    const writing = writeFileAtomically(path, async (stream) => {
      stream.write("half");
      throw new Error("Interrupted.");
    });
    await expect(writing).rejects.toThrow("Interrupted.");
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await names()).toEqual(["out.csv"]);
  });

  it("fails with its stream's error, even if its writer waits forever", async () => {
    const { path, names } = await setUp();
    const writing = writeFileAtomically(path, (stream) => {
      stream.destroy(new Error("The disk is full."));
      return new Promise(() => undefined);
    });
    await expect(writing).rejects.toThrow("The disk is full.");
    expect(await names()).toEqual(["out.csv"]);
  });

  it("fails when its directory does not exist", async () => {
    const { directory } = await setUp();
    const writing = writeFileAtomically(join(directory, "missing", "out.csv"), "x");
    await expect(writing).rejects.toThrow("ENOENT");
  });

  it("was written through a symbolic link that somebody had placed under its temporary name", async () => {
    const { directory, path } = await setUp();
    const foreign = join(directory, "foreign");
    await writeFile(foreign, "not ours");
    await symlink(foreign, join(directory, `.out.csv.${process.pid}.partial`));
    await writeFileAtomically(path, "new");

    expect(await readFile(foreign, "utf8")).toBe("not ours");
    expect((await stat(path)).isFile()).toBe(true);
  });

  it("replaces a symbolic link, and does not change its target", async () => {
    const { directory, path } = await setUp();
    const link = join(directory, "link.csv");
    await symlink(path, link);
    await writeFileAtomically(link, "new");

    expect([await readFile(link, "utf8"), await readFile(path, "utf8")]).toEqual(["new", "old"]);
  });
});

it("removes temporary files that killed processes left next to a file, and no others", async () => {
  const { directory, path, names } = await setUp();
  for (const name of [".out.csv.1.partial", ".other.csv.1.partial", "out.csv.partial"])
    await writeFile(join(directory, name), "half");
  await removePartialFiles(path);

  expect((await names()).sort()).toEqual([".other.csv.1.partial", "out.csv", "out.csv.partial"]);
});

describe("a file written by another library", () => {
  it("starts as an empty file that only its owner can read, and replaces the target when it is complete", async () => {
    const { path } = await setUp();
    await makeFileAtomically(path, async (temporary) => {
      expect((await stat(temporary)).mode & 0o777).toBe(0o600);
      await writeFile(temporary, "complete");
    });
    expect(await readFile(path, "utf8")).toBe("complete");
  });

  it("does not replace a file that has appeared meanwhile, unless allowed", async () => {
    const { path, names } = await setUp();
    const make = async (temporary: string): Promise<void> => {
      await writeFile(temporary, "new");
      await writeFile(path, "somebody's");
    };
    await expect(makeFileAtomically(path, make, { overwrite: false })).rejects.toMatchObject({
      code: "EEXIST",
    });
    expect(await readFile(path, "utf8")).toBe("somebody's");
    expect(await names()).toEqual(["out.csv"]);
    await makeFileAtomically(path, make, { overwrite: true });
    expect(await readFile(path, "utf8")).toBe("new");
  });
});
