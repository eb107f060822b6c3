import { access, readdir } from "node:fs/promises";
import { basename } from "node:path";
import { filesBelow, fingerprint } from "./fingerprint.mjs";
import { runPnpm } from "./pnpm.mjs";
import { unlessUpToDate } from "./stamp.mjs";
import { inWorkspace, workspaceNode, workspaceRoot } from "./workspace.mjs";

/** What these scripts and pnpm run on. The packages run on the workspace's own. */
const oldestNode = 20;

const stamps = inWorkspace("node_modules/.cache/titan-sync");

/** A step before the actual work has failed; the message holds what a person needs to see. */
export class PreparationError extends Error {
  /** @override */
  name = "PreparationError";
}

/**
 * Installs the dependencies exactly as the lockfile names them, unless they are installed.
 *
 * @returns {Promise<boolean>} Whether there was something to do.
 * @throws {PreparationError}
 */
export async function install() {
  if (Number.parseInt(process.versions.node, 10) < oldestNode) {
    throw new PreparationError(
      `Node ${oldestNode} or later is needed; this is Node ${process.versions.node}.`,
    );
  }
  return await unlessUpToDate({
    file: `${stamps}/install`,
    before: async () => {
      const files = await filesBelow(workspaceRoot, isSourceFolder);
      const manifests = files.filter((file) => basename(file) === "package.json");
      const shared = [inWorkspace("pnpm-lock.yaml"), inWorkspace("pnpm-workspace.yaml")];
      const platform = `${process.platform} ${process.arch}`;
      return `${platform} ${await fingerprint(workspaceRoot, [...shared, ...manifests])}`;
    },
    after: async () => {
      const installed = await fingerprint(workspaceRoot, [inWorkspace("node_modules/.pnpm/lock.yaml")]);
      return `${installed} ${(await linkedDependencies()).join(" ")}`;
    },
    perform: async () => {
      const parameters = ["install", "--frozen-lockfile", "--config.confirmModulesPurge=false"];
      process.stderr.write("Installing the dependencies (the first time takes about a minute) …\n");
      // What pnpm has to say is for the workspace's own Node, not for the one that runs these scripts.
      const { exitCode, output } = await runPnpm(parameters, { output: "capture" });
      if (exitCode !== 0)
        throw new PreparationError(
          `Installing the dependencies failed (exit code ${exitCode}).\n\n${output}`,
        );
      await access(workspaceNode).catch(() => {
        throw new PreparationError(`The workspace's own Node is missing: ${workspaceNode}.`);
      });
    },
  });
}

/**
 * Builds what every package runs, unless it comes from exactly these sources. Declarations are built apart: nothing
 * here needs them.
 *
 * @returns {Promise<boolean>} Whether there was something to do.
 * @throws {PreparationError} with the compiler's output.
 */
export function build() {
  return unlessUpToDate({
    file: `${stamps}/build`,
    before: async () => {
      const sources = await filesBelow(inWorkspace("packages"), isSourceFolder);
      const shared = [inWorkspace("tsconfig.base.json"), inWorkspace("pnpm-lock.yaml")];
      return await fingerprint(workspaceRoot, [...shared, ...sources]);
    },
    after: async () => {
      const built = await filesBelow(inWorkspace("packages"), (name) => name !== "node_modules");
      return await fingerprint(workspaceRoot, built.filter(isBuilt));
    },
    perform: async () => {
      process.stderr.write("Building the packages …\n");
      const { exitCode, output } = await runPnpm(["run", "build"], { output: "capture" });
      if (exitCode !== 0)
        throw new PreparationError(`The build failed (exit code ${exitCode}).\n\n${output}`);
    },
  });
}

/**
 * What the packages can import, as `package/dependency`: somebody may have cleaned one package only.
 *
 * @returns {Promise<string[]>}
 */
async function linkedDependencies() {
  const packages = await readdir(inWorkspace("packages"));
  const links = await Promise.all(
    packages.map(async (name) => {
      const dependencies = await readdir(inWorkspace("packages", name, "node_modules")).catch(() => []);
      return dependencies.filter((entry) => !entry.startsWith(".")).map((entry) => `${name}/${entry}`);
    }),
  );
  return links.flat().sort();
}

/**
 * @param {string} name
 * @returns {boolean}
 */
function isSourceFolder(name) {
  return !["node_modules", "dist", "coverage"].includes(name) && !name.startsWith(".");
}

/**
 * @param {string} file
 * @returns {boolean} Whether {@link build} has made it.
 */
function isBuilt(file) {
  return file.slice(workspaceRoot.length).split(/[\\/]/).includes("dist") && !file.endsWith(".d.ts");
}
