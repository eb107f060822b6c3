import { connect, createServer, type Socket } from "node:net";
import { inject } from "vitest";

/** A proxy between a client and a server that can silently drop all traffic. */
export interface SilentProxy {
  readonly port: number;
  /** From now on existing connections pass nothing in either direction; new ones work. */
  swallow(): void;
  close(): Promise<void>;
}

/**
 * @throws for the server that all test files share: a login that went silent holds up every `DROP DATABASE` on a
 * server until its `authentication_timeout`, a minute.
 */
export async function startSilentProxy(targetPort: number): Promise<SilentProxy> {
  if (new URL(inject("postgresUrl")).port === String(targetPort))
    throw new Error("Connections that go silent need their own server.");
  const open = new Set<{ readonly sockets: readonly Socket[]; isSilent: boolean }>();
  const server = createServer((client) => {
    const target = connect(targetPort, "127.0.0.1");
    const pair = { sockets: [client, target], isSilent: false };
    open.add(pair);
    const ways: readonly (readonly [Socket, Socket])[] = [
      [client, target],
      [target, client],
    ];
    for (const [from, to] of ways) {
      from.on("data", (data) => {
        if (!pair.isSilent) to.write(data);
      });
      from.on("error", () => undefined);
      // On a half-open connection, the other side never learns of the end either.
      from.on("close", () => {
        if (!pair.isSilent) to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no port.");
  return {
    port: address.port,
    swallow() {
      for (const pair of open) pair.isSilent = true;
    },
    async close() {
      for (const socket of [...open].flatMap((pair) => pair.sockets)) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
