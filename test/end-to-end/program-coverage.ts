import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A built file of one of our packages. */
const ownScript = /\/packages\/[^/]+\/dist\/[^?]+\.js$/;

export interface ProgramCoverage {
  /** For the program. */
  readonly environment: Readonly<Record<string, string>>;
  /** Keeps what the program ran, once it has ended. One that was killed has left nothing. */
  keep(): Promise<void>;
}

export const notMeasured: ProgramCoverage = { environment: {}, keep: async () => undefined };

/** Has a program say what it ran of our code, where the test run asks for it. */
export function measureProgram(): ProgramCoverage {
  const directory = process.env["TITAN_SYNC_PROGRAM_COVERAGE"];
  if (directory === undefined) return notMeasured;
  const id = randomUUID();
  const raw = join(tmpdir(), `titan-sync-coverage-${id}`);
  return {
    environment: { NODE_V8_COVERAGE: raw },
    async keep() {
      const result = await scriptsIn(raw);
      await rm(raw, { recursive: true, force: true });
      if (result.length === 0) return;
      await mkdir(directory, { recursive: true });
      await writeFile(join(directory, `${id}.json`), JSON.stringify({ result }));
    },
  };
}

/** For a process that says at its end what it ran, where the test run asks for it. */
export function hostCoverage(): Readonly<Record<string, string>> {
  const directory = process.env["TITAN_SYNC_PROGRAM_COVERAGE"];
  return directory === undefined ? {} : { NODE_V8_COVERAGE: directory };
}

/** Of what Node writes, ninety-nine parts of a hundred are about code of others. */
async function scriptsIn(directory: string): Promise<readonly unknown[]> {
  const files = await readdir(directory).catch(() => []);
  const found = await Promise.all(
    files.map(async (name) => {
      const { result } = JSON.parse(await readFile(join(directory, name), "utf8")) as {
        result: readonly { url: string }[];
      };
      return result.filter(({ url }) => ownScript.test(url));
    }),
  );
  return found.flat();
}
