import { statSync } from "node:fs";
import { join, resolve } from "node:path";

/** Where the built files of a dashboard are. */
export interface DashboardOptions {
  /**
   * Contains `index.html` and what it loads by relative addresses; a relative path starts at the working
   * directory. Everything in it is public, except for files and directories whose names begin with a dot.
   * Symbolic
   * links are followed.
   */
  readonly directory: string;
}

/** @returns what is wrong with a directory; `null` when it can be served. */
export function faultOfDirectory(directory: string): string | null {
  const root = resolve(directory);
  const found = statSync(root, { throwIfNoEntry: false });
  if (found === undefined) return `expected a directory of built files, ${root} does not exist`;
  if (!found.isDirectory()) return `expected a directory of built files, ${root} is a file`;
  const page = statSync(join(root, "index.html"), { throwIfNoEntry: false });
  if (page?.isFile() !== true)
    return `expected a directory with an index.html, ${root} has none: build it first`;
  return null;
}
