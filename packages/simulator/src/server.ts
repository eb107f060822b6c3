import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Answer, Call, Outcome } from "./api/exchange.js";
import type { Simulator } from "./simulator.js";

/** A simulator behind a socket. */
export interface SimulatorServer {
  /** Without trailing slash; the API and the token endpoint answer under it. */
  readonly url: string;
  /** Ends every connection, hanging ones included. May be called again. */
  close(): Promise<void>;
}

export interface SimulatorServerOptions {
  /** @defaultValue a free one */
  readonly port?: number | undefined;
  /** @defaultValue `"127.0.0.1"` */
  readonly host?: "127.0.0.1" | undefined;
}

/** Serves a simulator, or what answers in its place, over HTTP with keep-alive. */
export async function startSimulatorServer(
  simulator: Pick<Simulator, "respond">,
  { port = 0, host = "127.0.0.1" }: SimulatorServerOptions = {},
): Promise<SimulatorServer> {
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    simulator.respond(callOf(request, gone.signal)).then(
      (outcome) => send(response, outcome),
      (error: unknown) => {
        if (!gone.signal.aborted) response.destroy(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");

  let closed: Promise<void> | null = null;
  return {
    url: `http://${host}:${address.port}`,
    close() {
      closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closed;
    },
  };
}

function callOf(request: IncomingMessage, signal: AbortSignal): Call {
  return {
    method: request.method ?? "GET",
    url: new URL(request.url ?? "/", "http://simulator"),
    header(name) {
      const value = request.headers[name.toLowerCase()];
      return Array.isArray(value) ? value.join(", ") : (value ?? null);
    },
    async text() {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks).toString("utf8");
    },
    signal,
  };
}

function send(response: ServerResponse, outcome: Outcome): void {
  switch (outcome.kind) {
    case "answer": {
      writeHead(response, outcome);
      response.end(outcome.body);
      return;
    }
    case "cut": {
      const { body } = outcome.answer;
      writeHead(response, outcome.answer);
      response.write(body.subarray(0, Math.floor(body.length * outcome.share)), () =>
        response.socket?.destroy(),
      );
      return;
    }
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "hang":
      return;
  }
}

function writeHead(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, "content-length": String(body.length) });
}
