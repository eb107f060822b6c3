import ts from "typescript";
import type { SourceFile } from "./source-files.js";

/** One reference from a file to a module, in whatever form it is written. */
export interface ModuleImport {
  /** As written: `node:fs`, `zod`, `../errors.js`. */
  readonly specifier: string;
  /** Whether nothing of it is left when the program runs. */
  readonly typeOnly: boolean;
}

/** Reads static and dynamic imports, re-exports, and types that name a module in place. */
export function importsOf(file: SourceFile): ModuleImport[] {
  const found: ModuleImport[] = [];
  const note = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) {
      found.push({ specifier: specifier.text, typeOnly });
    }
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      note(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    } else if (ts.isExportDeclaration(node)) {
      note(node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      note(node.arguments[0], false);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      note(node.argument.literal, true);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest));
  return found;
}
