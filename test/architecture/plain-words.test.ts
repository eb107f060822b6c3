import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { misfitsIn } from "./plain-words.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const places = ["campaign", "docs", "examples", "packages", "scripts", "test"];
/** Its own list, what a generator wrote, and what has been built or installed. */
const leftOut = /(?:^|\/)(?:node_modules|dist|api|coverage)\/|plain-words|\.generated\.ts$|CHANGELOG\.md$/;

function writtenFiles(): readonly string[] {
  const below = places.flatMap((place) =>
    readdirSync(`${root}${place}`, { recursive: true, encoding: "utf8" }).map((path) => `${place}/${path}`),
  );
  return [...readdirSync(root), ...below].filter(
    (path) => /\.(?:ts|mjs|md|sql)$/.test(path) && !leftOut.test(path),
  );
}

describe("sources and documents", () => {
  it("are written in plain American English", () => {
    const files = writtenFiles();
    expect(files).toEqual(expect.arrayContaining(["README.md", "packages/core/src/errors.ts"]));
    expect(files.flatMap((path) => misfitsIn(path, readFileSync(`${root}${path}`, "utf8")))).toEqual([]);
  });

  it.each([
    "the file is no XLSX file",
    "The request is not acceptable.",
    "a process of its own",
    "Tells of each wait.",
    "at most so many items",
    "randomised tests",
    "feeds are read side by side",
    "A batch that comes again changes nothing.",
    "nothing is lost in silence",
  ])("are refused with: %s", (line) => {
    expect(misfitsIn("README.md", line)).toHaveLength(1);
  });

  it("may say the same plainly", () => {
    expect(misfitsIn("README.md", "Invalid request: its own process reports at most 5 items.")).toEqual([]);
  });
});
