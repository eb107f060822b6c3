import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { TextArena } from "./text-arena.js";

const mebibyte = 1024 * 1024;

describe("Texts by number", () => {
  it.each([
    ["in memory", undefined],
    ["on disk", 0],
    ["in memory and, past its limit, on disk", mebibyte],
  ])("are returned as they were added, %s", (_where, limit) => {
    using arena = new TextArena(limit);
    const texts = Array.from({ length: 200_000 }, (_, index) => `Größe ${index} ✓`);
    for (const text of ["", ...texts]) arena.add(text);
    expect(arena.get(0)).toBe("");
    expect(texts.findIndex((text, index) => arena.get(index + 1) !== text)).toBe(-1);
  });

  it("may be larger than a block of memory", () => {
    using arena = new TextArena();
    const large = "é".repeat(mebibyte);
    for (const text of ["before", large, "after"]) arena.add(text);
    expect([arena.get(0), arena.get(1) === large, arena.get(2)]).toEqual(["before", true, "after"]);
  });

  it.each([-1, 1, 0.5, Number.NaN])("are absent if nothing was added: %d", (index) => {
    using arena = new TextArena();
    arena.add("the only one");
    expect(arena.get(index)).toBeNull();
  });

  it("leave no file behind", async () => {
    const directory = await mkdtemp(join(tmpdir(), "titan-sync-text-arena-"));
    vi.stubEnv("TMPDIR", directory);
    onTestFinished(async () => {
      vi.unstubAllEnvs();
      await rm(directory, { recursive: true });
    });
    const arena = new TextArena(0);
    arena.add("of a customer");
    expect(await readdir(directory)).toEqual([expect.stringMatching(/^titan-sync-workbook-/)]);
    arena[Symbol.dispose]();
    expect(await readdir(directory)).toEqual([]);
  });
});
