import { expect, it } from "vitest";
import { replaceSection } from "./section.js";

it("appends a section that the document does not have", () => {
  expect(replaceSection("# Performance\n", "memory", "## Memory")).toBe(
    "# Performance\n\n<!-- benchmark: memory -->\n\n## Memory\n\n<!-- end of memory -->\n",
  );
});

it("replaces a section in place, and nothing else", () => {
  const one = replaceSection("# Performance\n", "memory", "old");
  const two = `${replaceSection(one, "records", "other")}\nWritten by hand.\n`;
  expect(replaceSection(two, "memory", "new")).toBe(two.replace("old", "new"));
});

it("produces the same document for the same section", () => {
  const once = replaceSection("# Performance\n", "memory", "## Memory");
  expect(replaceSection(once, "memory", "## Memory")).toBe(once);
});
