import type { Request } from "express";
import { ProblemError } from "./problem.js";

const reading = new Set(["GET", "HEAD", "OPTIONS"]);
const withBody = new Set(["POST", "PUT", "PATCH"]);

/** Whether a request may change something. */
export function isStateChanging({ method }: Pick<Request, "method">): boolean {
  return !reading.has(method);
}

/**
 * A browser sends cookies along with what another site makes it send. Without a cookie there is no sign-in to
 * misuse; with one, the browser's word on where the request comes from must fit.
 */
export function requireSameOrigin(request: Request, trustedOrigins: readonly string[]): void {
  if (!isStateChanging(request) || request.headers.cookie === undefined) return;
  const { origin } = request.headers;
  if (origin !== undefined) {
    if (trustedOrigins.includes(origin) || hostOf(origin) === request.host) return;
    throw new ProblemError("CROSS_ORIGIN");
  }
  const site = request.headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") throw new ProblemError("CROSS_ORIGIN");
}

/** Forms of other sites cannot send JSON, and scripts of theirs not without asking first. */
export function requireJson(request: Request): void {
  const hasBody =
    (request.headers["content-length"] ?? "0") !== "0" || request.headers["transfer-encoding"] !== undefined;
  if (!withBody.has(request.method) && !(isStateChanging(request) && hasBody)) return;
  const [type = ""] = (request.headers["content-type"] ?? "").split(";");
  if (type.trim().toLowerCase() !== "application/json") {
    throw new ProblemError("JSON_REQUIRED", {
      detail: "State-changing requests need the header Content-Type: application/json.",
    });
  }
}

/** `null` for anything that is not an address, such as the origin `null` of sandboxed pages. */
function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
