import type { Response } from "express";
import type { Answer } from "../routes/route.js";
import type { ProblemError } from "./problem.js";

/** Sends an answer as JSON, exactly as given: no entity tag is made up, nothing is cached. */
export function sendAnswer(
  response: Response,
  { status, body, headers = {} }: Exclude<Answer, { readonly stream: unknown }>,
): void {
  send(response, status, body, "application/json; charset=utf-8", headers);
}

export function sendProblem(response: Response, { status, body, headers }: ProblemError): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  send(response, status, body, "application/problem+json; charset=utf-8", headers);
}

function send(
  response: Response,
  status: number,
  body: unknown,
  contentType: string,
  headers: Readonly<Record<string, string>>,
): void {
  response.status(status).set({ "Cache-Control": "no-store", ...headers });
  if (body === undefined) {
    response.end();
    return;
  }
  response.set("Content-Type", contentType);
  response.end(JSON.stringify(body));
}
