import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A PostgreSQL server for tests. */
export interface TestServer {
  /** Without a database's name at its end. */
  readonly url: string;
  /** Resolves when the server has stopped and its files are deleted. */
  stop(): Promise<void>;
}

const supervisor = fileURLToPath(new URL("supervisor.mjs", import.meta.url));

/** Starts its own server, on its own port. It ends with this process, however that ends. */
export async function startTestServer(): Promise<TestServer> {
  const child = spawn(process.execPath, [supervisor], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const [line] = await Promise.race([
    once(createInterface(child.stdout), "line") as Promise<[string]>,
    exited.then(([code]) => {
      throw new Error(`The test database did not start: its supervisor exited with ${code}.`);
    }),
  ]);
  const { url } = JSON.parse(line) as { url: string };
  return {
    url,
    async stop() {
      child.stdin.end();
      await exited;
    },
  };
}
