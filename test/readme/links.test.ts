import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

const markdownIn = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name));

const documents = [
  ...markdownIn("."),
  ...markdownIn("docs/decisions"),
  ...readdirSync(join(root, "packages")).flatMap((name) => markdownIn(join("packages", name))),
];

/** Targets of links to other files, without the place inside them. */
function linkedFiles(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
    .map((match) => match[1] ?? "")
    .filter((target) => !/^[a-z]+:/.test(target));
}

it.each(documents)("%s links to files that exist", (document) => {
  const targets = linkedFiles(readFileSync(join(root, document), "utf8"));
  const missing = targets.filter((target) => !existsSync(join(root, dirname(document), target)));
  expect(missing).toEqual([]);
});

it("reads links of documents, not addresses", () => {
  const text = "[a](docs/a.md#part), [b](https://example.com/b.md), `c` and [d](d.md)";
  expect(linkedFiles(text)).toEqual(["docs/a.md", "d.md"]);
});
