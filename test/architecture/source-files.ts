import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** A TypeScript file of a package. */
export interface SourceFile {
  /** From the root of the checkout, with `/` between folders: `packages/core/src/errors.ts`. */
  readonly path: string;
  readonly text: string;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Every TypeScript file below a package's `src`, tests included. */
export function readSourceFiles(): SourceFile[] {
  return packageNames().flatMap((name) => filesBelow(join(root, "packages", name, "src")));
}

/** Names of the folders in `packages`. */
export function packageNames(): string[] {
  return readdirSync(join(root, "packages"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

function filesBelow(directory: string): SourceFile[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ path: relative(root, file).split(sep).join("/"), text: readFileSync(file, "utf8") }));
}
