import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = new URL("../../", import.meta.url);

/** Files that belong to one test run only. Git ignores the folder. */
export const exampleFile = fileURLToPath(new URL(".reports/readme/example.ts", root));

/** The first TypeScript block of the README. */
export function readmeExample(): string {
  const readme = readFileSync(new URL("README.md", root), "utf8");
  const example = /^```ts\n(.*?)^```$/ms.exec(readme)?.[1];
  if (example === undefined) throw new Error("README.md has no TypeScript block.");
  return example;
}

/**
 * What the compiler objects to in each of the files, under the workspace's own rules. Compiling them together reads
 * everything that they import only once.
 */
export function compilerErrors(files: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const configFile = fileURLToPath(new URL("tsconfig.base.json", root));
  const { config } = ts.readConfigFile(configFile, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files }, ts.sys, fileURLToPath(root));
  const program = ts.createProgram(files, { ...options, noEmit: true });
  return new Map(files.map((file) => [file, errorsIn(program, file)]));
}

function errorsIn(program: ts.Program, file: string): readonly string[] {
  const source = program.getSourceFile(file);
  if (source === undefined) throw new Error(`${file} cannot be read.`);
  return ts
    .getPreEmitDiagnostics(program, source)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}
