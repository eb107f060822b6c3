// `npm run build:types`: checks the types of the whole workspace, and gives each package its declarations. One
// compilation does both: a bundler of declarations would read all sources again for every package.

import { copyFile, mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import ts from "typescript";
import { filesBelow } from "./lib/fingerprint.mjs";
import { run } from "./lib/run.mjs";
import { inWorkspace, workspaceNode } from "./lib/workspace.mjs";

const emitted = inWorkspace("node_modules/.cache/titan-sync/types");

/**
 * The declarations that a package's entry points lead to. What only its programs or its tests use stays out: it may
 * import what the package does not bring.
 *
 * @param {string} folder Where the declarations of its sources are.
 * @param {readonly string[]} entries Relative to the folder.
 * @returns {Promise<ReadonlySet<string>>} Relative to the folder.
 */
async function reachable(folder, entries) {
  const found = new Set(entries);
  for (const file of found) {
    const text = await readFile(path.join(folder, file), "utf8");
    for (const { fileName } of ts.preProcessFile(text, true, true).importedFiles) {
      if (!fileName.startsWith(".")) continue;
      found.add(path.join(path.dirname(file), fileName).replace(/\.js$/, ".d.ts"));
    }
  }
  return found;
}

/** @param {string} name A folder of `packages`. */
async function place(name) {
  const manifest = JSON.parse(await readFile(inWorkspace("packages", name, "package.json"), "utf8"));
  const dist = inWorkspace("packages", name, "dist");
  const stale = (await filesBelow(dist)).filter((file) => file.endsWith(".d.ts"));
  for (const file of stale) await rm(file);
  const entries = Object.values(manifest.exports ?? {})
    .flatMap((entry) => (typeof entry.types === "string" ? [entry.types] : []))
    .map((file) => path.relative("dist", file));
  const folder = path.join(emitted, "packages", name, "src");
  for (const file of await reachable(folder, entries)) {
    await mkdir(path.dirname(path.join(dist, file)), { recursive: true });
    await copyFile(path.join(folder, file), path.join(dist, file));
  }
}

await rm(emitted, { recursive: true, force: true });
const { exitCode } = await run(workspaceNode, [
  inWorkspace("node_modules/typescript/bin/tsc"),
  "--noEmit",
  "false",
  "--emitDeclarationOnly",
  "--sourceMap",
  "false",
  "--rootDir",
  ".",
  "--outDir",
  emitted,
]);
if (exitCode === 0) for (const name of await readdir(inWorkspace("packages"))) await place(name);
process.exitCode = exitCode;
