import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The one of the tests: it ends with its standard input, however this process ends. */
const supervisor = fileURLToPath(new URL("../../../test/postgres/supervisor.mjs", import.meta.url));

/** Runs a PostgreSQL server of its own while `work` uses it. */
export async function withPostgresServer<Result>(
  work: (serverUrl: string) => Promise<Result>,
): Promise<Result> {
  const child = spawn(process.execPath, [supervisor], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  try {
    const [line] = await Promise.race([
      once(createInterface(child.stdout), "line") as Promise<[string]>,
      exited.then(([code]) => {
        throw new Error(`PostgreSQL did not start: its supervisor exited with ${code}.`);
      }),
    ]);
    const { url } = JSON.parse(line) as { url: string };
    return await work(url);
  } finally {
    child.stdin.end();
    await exited;
  }
}
