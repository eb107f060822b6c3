import ts from "typescript";
import { readSourceFiles, type SourceFile } from "./source-files.js";

/** One part of the storage port. */
export interface PortPart {
  /** Name of its file: `run-store`. */
  readonly name: string;
  readonly verbs: readonly string[];
}

const folder = "packages/core/src/ports/";

/** The interfaces that `Storage` extends, each with its file and its methods, and the methods of its own. */
export function partsOfStorage(files: readonly SourceFile[] = readSourceFiles()): readonly PortPart[] {
  const ports = files.filter(({ path }) => path.startsWith(folder)).map(interfacesIn);
  const storage = ports.flatMap((port) => port.interfaces.filter(({ name }) => name.text === "Storage"))[0];
  if (storage === undefined) throw new Error(`No file of ${folder} declares the interface Storage.`);
  const names = (storage.heritageClauses ?? []).flatMap(({ types }) =>
    types.map(({ expression }) => (ts.isIdentifier(expression) ? expression.text : "")),
  );
  return names.map((name) => {
    const port = ports.find(({ interfaces }) => interfaces.some((declared) => declared.name.text === name));
    const declared = port?.interfaces.find((one) => one.name.text === name);
    if (port === undefined || declared === undefined)
      throw new Error(`No file of ${folder} declares ${name}.`);
    return { name: port.file, verbs: verbsOf(declared) };
  });
}

function interfacesIn({ path, text }: SourceFile) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  return {
    file: path.slice(folder.length).replace(/\.ts$/, ""),
    interfaces: source.statements.filter(ts.isInterfaceDeclaration),
  };
}

function verbsOf({ members }: ts.InterfaceDeclaration): readonly string[] {
  return members
    .filter(ts.isMethodSignature)
    .flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
}
