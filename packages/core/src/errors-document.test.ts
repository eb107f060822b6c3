import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { errorCodes } from "./errors.js";

const text = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8");
const sections = new Map(
  text
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const [title = "", ...lines] = section.split("\n");
      return [title.trim(), lines.join("\n")];
    }),
);

it.each(errorCodes)("docs/errors.md explains what causes %s and what to do", (code) => {
  expect(sections.get(code)).toMatch(/\*\*Cause\.\*\* \S[\s\S]*\*\*What to do\.\*\* \S/);
});

it("docs/errors.md describes no code that does not exist", () => {
  expect([...sections.keys()].sort()).toEqual([...errorCodes].sort());
});
