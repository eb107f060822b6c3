import express, { type Request, type RequestHandler, type Response } from "express";

/** The largest body that is read. No request needs more. */
const bodyLimit = "32kb";

const parser = express.json({ limit: bodyLimit, strict: false, inflate: false });

/** Reads a JSON body, unless the host has read it already. */
export async function readBody(request: Request, response: Response): Promise<unknown> {
  await runMiddleware(parser, request, response);
  return request.body as unknown;
}

/** Waits until a middleware passes the request on. */
export function runMiddleware(
  middleware: RequestHandler,
  request: Request,
  response: Response,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (error?: unknown): void => (error === undefined ? resolve() : reject(error));
    void Promise.resolve(middleware(request, response, next)).catch(reject);
  });
}
