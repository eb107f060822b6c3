import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Simulator } from "@titan-sync/simulator";
import { onTestFinished } from "vitest";

/** What a program sent, and what it was told. */
export interface RecordedExchange {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly requestHeaders: Headers;
  readonly requestBody: string;
  readonly status: number;
  readonly responseBody: string;
}

/** A proxy to a simulator that records all traffic. */
export interface RecordingProxy {
  readonly url: string;
  readonly exchanges: readonly RecordedExchange[];
}

/** Closed when the test that calls this ends. */
export async function openRecordingProxy(simulator: Simulator): Promise<RecordingProxy> {
  const exchanges: RecordedExchange[] = [];
  const server = createServer((incoming, outgoing) => {
    void pass(incoming).then(({ status, headers, responseBody }) => {
      outgoing.writeHead(status, headers).end(responseBody);
    });
  });

  async function pass(incoming: IncomingMessage) {
    const { method = "GET", url: path = "/" } = incoming;
    const requestHeaders = new Headers(
      Object.entries(incoming.headersDistinct).flatMap(([name, values = []]) =>
        values.map((value): [string, string] => [name, value]),
      ),
    );
    const requestBody = (await buffer(incoming)).toString("utf8");
    const request = new Request(new URL(path, "http://simulator"), {
      method,
      headers: requestHeaders,
      body: requestBody === "" ? null : requestBody,
    });
    const response = await simulator.handle(request);
    const responseBody = await response.text();
    const { status } = response;
    exchanges.push({ method, path, requestHeaders, requestBody, status, responseBody });
    const headers = Object.fromEntries(response.headers);
    delete headers["content-length"];
    delete headers["content-encoding"];
    return { status, headers, responseBody };
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, exchanges };
}
