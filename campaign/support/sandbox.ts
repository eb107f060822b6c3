import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Mutant } from "./mutant.js";

const workspace = fileURLToPath(new URL("../..", import.meta.url));
/** All but the benchmark, which no test of a mutant needs. */
const packages = readdirSync(path.join(workspace, "packages")).filter((name) => name !== "benchmark");

/** What a run of tests gave. */
export interface Verdict {
  readonly passed: number;
  readonly failed: number;
  /** Vitest's output, in case the numbers are surprising. */
  readonly output: string;
}

/** A copy of the sources in a temporary folder, in which one mistake at a time is made. */
export interface Sandbox {
  /** Runs the test as the sources are. */
  test(test: Mutant["test"]): Promise<Verdict>;
  /** Makes the mistake in a source, without running anything. @throws unless it fits exactly one place. */
  mutate(mutant: Mutant): Promise<string>;
  /** Runs the mutant's test with the mistake in place. */
  testMutant(mutant: Mutant): Promise<Verdict>;
  close(): Promise<void>;
}

export async function createSandbox(): Promise<Sandbox> {
  const root = await mkdtemp(path.join(tmpdir(), "titan-sync-mutants-"));
  await copySources(root);

  async function test({ file, title }: Mutant["test"]): Promise<Verdict> {
    const report = path.join(root, "report.json");
    await rm(report, { force: true });
    const output = await runVitest(root, [
      file,
      "--testNamePattern",
      patternOf(title),
      "--outputFile",
      report,
    ]);
    const text = await readFile(report, "utf8").catch(() => "{}");
    const { numPassedTests = 0, numFailedTests = 0 } = JSON.parse(text) as Record<string, number | undefined>;
    return { passed: numPassedTests, failed: numFailedTests, output };
  }

  const fileOf = (mutant: Mutant): string => path.join(root, mutant.file);

  async function mutate(mutant: Mutant): Promise<string> {
    const parts = (await readFile(fileOf(mutant), "utf8")).split(mutant.original);
    if (parts.length === 2) return parts.join(mutant.replacement);
    throw new Error(`${mutant.file} has ${parts.length - 1} times what "${mutant.mistake}" changes.`);
  }

  return {
    test,
    mutate,
    async testMutant(mutant) {
      const file = fileOf(mutant);
      const source = await readFile(file, "utf8");
      await writeFile(file, await mutate(mutant));
      try {
        return await test(mutant.test);
      } finally {
        await writeFile(file, source);
      }
    },
    close: () => rm(root, { recursive: true, force: true }),
  };
}

async function copySources(root: string): Promise<void> {
  for (const file of ["package.json", "tsconfig.base.json", "vitest.workspace.ts"]) {
    await cp(path.join(workspace, file), path.join(root, file));
  }
  for (const folder of ["test", "campaign"]) {
    await cp(path.join(workspace, folder), path.join(root, folder), { recursive: true });
  }
  await linkDependencies(root, "");
  for (const name of packages) {
    const folder = path.join("packages", name);
    await mkdir(path.join(root, folder), { recursive: true });
    for (const part of ["src", "package.json", "tsconfig.json"]) {
      await cp(path.join(workspace, folder, part), path.join(root, folder, part), { recursive: true });
    }
    await linkDependencies(root, folder);
  }
}

/** Links to what is installed, but our own packages to their copies. */
async function linkDependencies(root: string, folder: string): Promise<void> {
  const installed = path.join(workspace, folder, "node_modules");
  const target = path.join(root, folder, "node_modules");
  await mkdir(path.join(target, "@titan-sync"), { recursive: true });
  for (const name of await readdir(installed)) {
    if (name !== "@titan-sync" && !name.startsWith(".")) {
      await symlink(path.join(installed, name), path.join(target, name));
    }
  }
  for (const name of packages) {
    await symlink(path.join(root, "packages", name), path.join(target, "@titan-sync", name));
  }
}

async function runVitest(root: string, parameters: readonly string[]): Promise<string> {
  const vitest = path.join(workspace, "node_modules", "vitest", "vitest.mjs");
  const all = ["run", "--root", root, "--config", "vitest.workspace.ts", "--reporter", "json", ...parameters];
  // Colors and the outer run's own variables would only confuse.
  const environment = { PATH: process.env["PATH"], NO_COLOR: "1" };
  return await new Promise((resolve) => {
    execFile(process.execPath, [vitest, ...all], { cwd: root, env: environment }, (_, stdout, stderr) =>
      resolve(`${stdout}\n${stderr}`),
    );
  });
}

function patternOf(title: string): string {
  return title.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
