import { expect, test } from "vitest";
import { readSourceFiles } from "./source-files.js";

const core = "packages/core/src/";

test("the type of each feed's rows is exported to hosts", () => {
  const files = readSourceFiles();
  const rowTypes = files.flatMap(({ path, text }) => {
    const type = path.startsWith(`${core}feeds/`) ? /^export type (\w+) = RowOf</m.exec(text) : null;
    const source = path.slice(core.length).replace(/ts$/, "js");
    return type === null ? [] : [`export type { ${type[1]} } from "./${source}";`];
  });
  expect(rowTypes.length).toBeGreaterThan(8);
  const exported = files.find(({ path }) => path === `${core}index.ts`)?.text ?? "";
  expect(rowTypes.filter((line) => !exported.includes(line))).toEqual([]);
});
