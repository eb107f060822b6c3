import { connect, createServer, type Socket } from "node:net";

/** A proxy between a client and a server that can silently drop all traffic. */
export interface SilentProxy {
  readonly port: number;
  /** From now on existing connections pass nothing in either direction; new ones work. */
  swallow(): void;
  close(): Promise<void>;
}

export async function startSilentProxy(targetPort: number): Promise<SilentProxy> {
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
