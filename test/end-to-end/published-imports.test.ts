import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { importsOf } from "../architecture/imports-of.js";
import { packageNames } from "../architecture/source-files.js";

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const packages = fileURLToPath(new URL("../../packages/", import.meta.url));

const manifestOf = (name: string): Manifest =>
  JSON.parse(readFileSync(`${packages}${name}/package.json`, "utf8")) as Manifest;

/** `pg/lib/x` is of `pg`, `@a/b/c` of `@a/b`. */
const packageOf = (specifier: string): string => /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;

/** What the built files of a package import: the program and the declarations. */
function importedBy(name: string): readonly string[] {
  const directory = `${packages}${name}/dist/`;
  const files = readdirSync(directory, { recursive: true, encoding: "utf8" });
  const imported = files
    .filter((file) => /\.(js|d\.ts)$/.test(file))
    .flatMap((file) => importsOf({ path: file, text: readFileSync(`${directory}${file}`, "utf8") }))
    .map(({ specifier }) => specifier)
    .filter((specifier) => !specifier.startsWith(".") && !specifier.startsWith("node:"))
    .map(packageOf);
  return [...new Set(imported)].filter((found) => !builtinModules.includes(found));
}

describe.each(packageNames().filter((name) => manifestOf(name).private !== true))(
  "the package %s",
  (name) => {
    it("imports nothing that is missing in its manifest", () => {
      const manifest = manifestOf(name);
      const brought = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
      const missing = importedBy(name).filter((found) => found !== manifest.name && !brought.includes(found));

      expect(missing).toEqual([]);
    });
  },
);
