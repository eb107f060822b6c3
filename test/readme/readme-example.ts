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

/** What the compiler objects to in a file, under the workspace's own rules. */
export function compilerErrors(file: string): string[] {
  const configFile = fileURLToPath(new URL("tsconfig.base.json", root));
  const { config } = ts.readConfigFile(configFile, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, files: [file] },
    ts.sys,
    fileURLToPath(root),
  );
  const program = ts.createProgram([file], { ...options, noEmit: true });
  const source = program.getSourceFile(file);
  if (source === undefined) throw new Error(`${file} cannot be read.`);
  return ts
    .getPreEmitDiagnostics(program, source)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}
