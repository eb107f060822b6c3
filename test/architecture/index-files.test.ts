import ts from "typescript";
import { describe, expect, it } from "vitest";
import { readSourceFiles, type SourceFile } from "./source-files.js";

/** Statements of an index file that are something else than a re-export of names under which they were declared. */
function strangersIn(file: SourceFile): string[] {
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true);
  return source.statements
    .filter((statement) => !isNamedReExport(statement))
    .map((statement) => `${file.path}: ${statement.getText().split("\n")[0]}`);
}

function isNamedReExport(statement: ts.Statement): boolean {
  return (
    ts.isExportDeclaration(statement) &&
    statement.moduleSpecifier !== undefined &&
    statement.exportClause !== undefined &&
    ts.isNamedExports(statement.exportClause) &&
    statement.exportClause.elements.every(({ propertyName }) => propertyName === undefined)
  );
}

describe("index files", () => {
  it("only re-export, each name separately and under its own name", () => {
    const indexFiles = readSourceFiles().filter((file) => file.path.endsWith("/index.ts"));
    expect(indexFiles.map((file) => file.path)).toContain("packages/core/src/index.ts");
    expect(indexFiles.flatMap(strangersIn)).toEqual([]);
  });

  it.each([
    'export * from "./everything.js";',
    'export * as everything from "./everything.js";',
    'export { a as b } from "./a.js";',
    'export type { C as D } from "./c.js";',
    'import "./effect.js";',
    "export const code = 1;",
    "export default 1;",
  ])("are refused with %s", (text) => {
    expect(strangersIn({ path: "packages/core/src/index.ts", text })).toHaveLength(1);
  });

  it("are accepted with names and types", () => {
    const text = 'export { a, b } from "./a.js";\nexport type { D } from "./d.js";';
    expect(strangersIn({ path: "packages/core/src/index.ts", text })).toEqual([]);
  });
});
