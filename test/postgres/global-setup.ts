import type { TestProject } from "vitest/node";
import { startTestServer, type TestServer } from "./server.js";

/** The projects of one process share a server: the last one that is done stops it. */
interface SharedServer {
  readonly server: Promise<TestServer>;
  users: number;
}

const key = Symbol.for("@titan-sync/test-server");
const shared = globalThis as { [key]?: SharedServer | undefined };

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared[key] ??= { server: startTestServer(), users: 0 };
  const current = shared[key];
  current.users += 1;
  const server = await current.server;
  project.provide("postgresUrl", server.url);
  return async () => {
    current.users -= 1;
    if (current.users > 0) return;
    shared[key] = undefined;
    await server.stop();
  };
}
