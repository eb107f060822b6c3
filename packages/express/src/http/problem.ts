import type { ProblemBody } from "../schemas/problem.js";

/** One mistake in a request. */
export type Fault = NonNullable<ProblemBody["errors"]>[number];

export interface ProblemOptions {
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  readonly runId?: string | undefined;
  readonly requestId?: string | undefined;
  readonly errors?: readonly Fault[] | undefined;
  /** Whole seconds after which the same request may succeed. */
  readonly retryAfterSeconds?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** The only place that maps reasons to HTTP status codes. */
const statuses = {
  MALFORMED: [400, "Malformed request"],
  UNAUTHENTICATED: [401, "Sign-in required"],
  FORBIDDEN: [403, "Permission denied"],
  CROSS_ORIGIN: [403, "Cross-site request refused"],
  NOT_FOUND: [404, "Not found"],
  METHOD_NOT_ALLOWED: [405, "Method not allowed"],
  CONFLICT: [409, "Conflict with the current state"],
  VERSION_CHANGED: [412, "Changed since it was read"],
  BODY_TOO_LARGE: [413, "Request body too large"],
  JSON_REQUIRED: [415, "Request body must be JSON"],
  INVALID: [422, "Invalid request"],
  REFUSED: [422, "ServiceTitan refused the credential"],
  NOT_CONFIGURED: [422, "Host configuration error"],
  KEY_REUSED: [422, "Idempotency key already used for another request"],
  TOO_MANY_REQUESTS: [429, "Too many requests"],
  UNEXPECTED: [500, "Internal error"],
  UPSTREAM: [502, "ServiceTitan or the sink failed"],
  UNAVAILABLE: [503, "Temporarily unavailable"],
} as const satisfies Readonly<Record<string, readonly [status: number, title: string]>>;

export type ProblemCode = keyof typeof statuses;

/** Ends a request with problem details. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly status: number;
  readonly body: ProblemBody;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    const [status, title] = statuses[code];
    super(title);
    this.name = "ProblemError";
    this.code = code;
    this.status = status;
    const { detail, hint, runId, requestId, errors, retryAfterSeconds } = options;
    this.body = {
      type: `urn:titan-sync:problem:${code.toLowerCase().replaceAll("_", "-")}`,
      title,
      status,
      code,
      ...(detail !== undefined && { detail }),
      ...(hint !== undefined && { hint }),
      ...(runId !== undefined && { runId }),
      ...(requestId !== undefined && { requestId }),
      ...(errors !== undefined && { errors: [...errors] }),
    };
    this.headers = {
      ...options.headers,
      ...(retryAfterSeconds !== undefined && { "Retry-After": String(retryAfterSeconds) }),
    };
  }
}

/** What all that cannot be seen is answered with, whether it exists or not. */
export function notFound(): ProblemError {
  return new ProblemError("NOT_FOUND");
}
