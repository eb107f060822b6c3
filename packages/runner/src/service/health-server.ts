import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { ConfigError } from "@titan-sync/core";
import type { MissingPart } from "./readiness.js";

/** A server that listens. */
export interface HealthServer {
  /** Without a trailing slash. */
  readonly url: string;
  /** Ends every connection. May be called twice. */
  close(): Promise<void>;
}

export interface HealthServerOptions {
  /** One of this machine's own addresses. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly findMissing: () => Promise<readonly MissingPart[]>;
}

const loopback = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/;

/** @throws {@link ConfigError} unless only this machine reaches the address. */
export function requireLoopback(host: string): void {
  if (loopback.test(host)) return;
  throw new ConfigError(`The server cannot listen on ${host}: it has no sign-in yet.`, {
    hint: "Use a loopback address, such as --host 127.0.0.1 (or TITAN_SYNC_HOST).",
  });
}

/**
 * Serves `/health/live`, which only says that the process answers, and `/health/ready`, which says what is missing.
 * @throws {@link ConfigError} when it cannot listen there.
 */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const { host, port } = options;
  requireLoopback(host);
  const server = createServer(answerWith(options.findMissing));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(listenError(host, port, error)));
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const taken = address !== null && typeof address === "object" ? address.port : port;
  let closed: Promise<void> | null = null;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${taken}`,
    close() {
      closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closed;
    },
  };
}

function answerWith(findMissing: HealthServerOptions["findMissing"]): RequestListener {
  return ({ method, url = "/" }, response) => {
    const [path] = url.split("?", 1);
    if (path !== "/health/live" && path !== "/health/ready") {
      return send(response, 404, { status: "not found", paths: ["/health/live", "/health/ready"] });
    }
    if (method !== "GET" && method !== "HEAD") {
      response.setHeader("Allow", "GET, HEAD");
      return send(response, 405, { status: "method not allowed" });
    }
    if (path === "/health/live") return send(response, 200, { status: "live" });
    findMissing().then(
      (missing) =>
        missing.length === 0
          ? send(response, 200, { status: "ready", missing })
          : send(response, 503, { status: "not ready", missing }),
      () => send(response, 500, { status: "error" }),
    );
  };
}

function send(response: ServerResponse, status: number, document: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" });
  response.end(JSON.stringify(document));
}

function listenError(host: string, port: number, error: NodeJS.ErrnoException): ConfigError {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: "another program listens there",
    EACCES: "this user may not use that port",
    EADDRNOTAVAIL: "this machine does not have that address",
  };
  const code = error.code ?? "unknown error";
  return new ConfigError(`The server cannot listen on ${host}, port ${port}: ${reasons[code] ?? code}.`, {
    hint: "Choose another port with --port; 0 takes a free one.",
    cause: error,
  });
}
