import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";
import { buildDocument } from "../openapi/build-document.js";

const directory = fileURLToPath(new URL("../../typed-client/", import.meta.url));
const typesFile = `${directory}types.d.ts`;

/**
 * Type-checks the programs in `typed-client/` with types that are generated from the OpenAPI document as the router
 * serves it. The types are never written to a disk.
 *
 * @returns what the compiler finds.
 */
export async function checkClientPrograms(): Promise<readonly string[]> {
  const options: ts.CompilerOptions = {
    ...ts.convertCompilerOptionsFromJson(
      ts.readConfigFile(`${directory}../../../tsconfig.base.json`, ts.sys.readFile).config.compilerOptions,
      directory,
    ).options,
    noEmit: true,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile } = host;
  const types = await generateGlobalTypes();
  host.fileExists = (path) => path === typesFile || fileExists(path);
  host.getSourceFile = (path, ...rest) =>
    path === typesFile
      ? ts.createSourceFile(path, types, ts.ScriptTarget.ES2024)
      : getSourceFile(path, ...rest);
  const programs = readdirSync(directory).map((name) => `${directory}${name}`);
  const found = ts.getPreEmitDiagnostics(ts.createProgram([typesFile, ...programs], options, host));
  return found.map(({ file, start, messageText }) => {
    const line = file === undefined ? 0 : ts.getLineAndCharacterOfPosition(file, start ?? 0).line + 1;
    return `${file?.fileName ?? ""}:${line} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  });
}

async function generateGlobalTypes(): Promise<string> {
  const served: unknown = JSON.parse(JSON.stringify(buildDocument("")));
  const types = astToString(await openapiTS(served as Parameters<typeof openapiTS>[0]));
  return types.replaceAll(/^export /gm, "");
}
