import { ConflictError, type ErrorCode, TitanSyncError, ValidationError } from "@titan-sync/core";
import { type Fault, type ProblemCode, ProblemError, type ProblemOptions } from "./problem.js";

/** The SDK's errors that are passed on unchanged; for all others, only that they happened. */
const told: Readonly<Partial<Record<ErrorCode, ProblemCode>>> = {
  DATA_VALIDATION: "INVALID",
  CONFLICT: "CONFLICT",
  LEASE_LOST: "CONFLICT",
  CONFIG_INVALID: "NOT_CONFIGURED",
  AUTH_INVALID_CREDENTIALS: "REFUSED",
  AUTH_INSUFFICIENT_SCOPE: "REFUSED",
  AUTH_REJECTED: "REFUSED",
  AUTH_TOKEN_REQUEST: "UPSTREAM",
  API_RATE_LIMITED: "UNAVAILABLE",
  API_UNAVAILABLE: "UPSTREAM",
  API_RESPONSE: "UPSTREAM",
  NETWORK: "UPSTREAM",
  TIMEOUT: "UPSTREAM",
  SINK: "UPSTREAM",
  CIRCUIT_OPEN: "UNAVAILABLE",
  ABORTED: "UNAVAILABLE",
};

/** Errors that express and its body parser throw for a client's input. Their texts quote the request. */
const parserProblems: Readonly<Record<number, ProblemCode>> = {
  400: "MALFORMED",
  413: "BODY_TOO_LARGE",
  415: "JSON_REQUIRED",
};

/** How an error is answered. Texts of errors that are not ours may hold anything: they are never sent. */
export function toProblem(error: unknown, requestId: string): ProblemError {
  if (error instanceof ProblemError) return error;
  if (TitanSyncError.is(error)) return fromTitanSync(error, requestId);
  const code = parserProblems[statusOf(error) ?? 0];
  return code === undefined ? new ProblemError("UNEXPECTED", { requestId }) : new ProblemError(code);
}

function fromTitanSync(error: TitanSyncError, requestId: string): ProblemError {
  const code = told[error.code];
  if (code === undefined) {
    return error.retryable
      ? new ProblemError("UNAVAILABLE", { requestId, retryAfterSeconds: 5 })
      : new ProblemError("UNEXPECTED", { requestId });
  }
  const options = { detail: error.message, hint: error.hint ?? undefined };
  return new ProblemError(code, { ...options, ...particulars(error) });
}

function particulars(error: TitanSyncError): ProblemOptions {
  if (error instanceof ValidationError) return { errors: error.issues.flatMap(faultsOf) };
  if (error instanceof ConflictError) return { runId: error.runId ?? undefined };
  return {};
}

/** An issue of the SDK reads `field: text`, or `field, field: text`. */
function faultsOf(issue: string): readonly Fault[] {
  const [, fields, detail] = /^([\w.]+(?:, [\w.]+)*): (.*)$/s.exec(issue) ?? [];
  if (fields === undefined || detail === undefined) return [{ detail: issue }];
  if (fields === "cursor" || fields === "limit") return [{ parameter: fields, detail }];
  return fields.split(", ").map((field) => ({ pointer: `#/${field.replaceAll(".", "/")}`, detail }));
}

function statusOf(error: unknown): number | null {
  if (typeof error !== "object" || error === null || !("status" in error)) return null;
  return typeof error.status === "number" ? error.status : null;
}
