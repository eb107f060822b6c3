/** Every code an error of this library can carry. Codes are stable: match on them, never on messages. */
export const errorCodes = [
  "CONFIG_INVALID",
  "AUTH_INVALID_CREDENTIALS",
  "AUTH_TOKEN_REQUEST",
  "AUTH_INSUFFICIENT_SCOPE",
  "AUTH_REJECTED",
  "API_RATE_LIMITED",
  "API_UNAVAILABLE",
  "API_RESPONSE",
  "NETWORK",
  "TIMEOUT",
  "CIRCUIT_OPEN",
  "DATA_MAPPING",
  "DATA_VALIDATION",
  "DATA_DRIFT",
  "CONFLICT",
  "LEASE_LOST",
  "STORAGE",
  "SINK",
  "RECORD_REFUSED",
  "CRYPTO",
  "ABORTED",
] as const;

/** One of {@link errorCodes}; `docs/errors.md` explains the cause of each and what to do about it. */
export type ErrorCode = (typeof errorCodes)[number];

export interface TitanSyncErrorOptions {
  /** How to fix it. */
  readonly hint?: string | undefined;
  /** The underlying error. Of another library's error only name and code are kept: the rest may contain secrets. */
  readonly cause?: unknown;
}

/** The JSON form of every error; some classes add further harmless fields. */
export interface ErrorJson {
  readonly name: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | null;
  readonly retryable: boolean;
}

const marker = Symbol.for("@titan-sync/core/error");

/**
 * The root of every error this library throws.
 *
 * @example
 * try {
 *   await run.result;
 * } catch (error) {
 *   if (TitanSyncError.is(error)) log.error({ code: error.code, hint: error.hint }, error.message);
 * }
 */
export class TitanSyncError extends Error {
  readonly code: ErrorCode;
  /** Whether the same call may succeed later without any change. */
  readonly retryable: boolean;
  readonly hint: string | null;
  readonly [marker] = true;

  constructor(code: ErrorCode, message: string, retryable: boolean, options: TitanSyncErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: sanitizeCause(options.cause) });
    this.name = new.target.name;
    this.code = code;
    this.retryable = retryable;
    this.hint = options.hint ?? null;
  }

  /** Whether `error` comes from this library, or from another installed copy of it. */
  static is(error: unknown): error is TitanSyncError {
    return typeof error === "object" && error !== null && marker in error;
  }

  /** A form that is safe to log: no request, no row, no secret. */
  toJSON(): ErrorJson {
    return {
      name: this.name,
      code: this.code,
      message: this.message,
      hint: this.hint,
      retryable: this.retryable,
    };
  }
}

/** A setting is missing or wrong. Nothing was changed. */
export class ConfigError extends TitanSyncError {
  constructor(message: string, options?: TitanSyncErrorOptions) {
    super("CONFIG_INVALID", message, false, options);
  }
}

/** ServiceTitan did not accept the caller's credentials. */
export class AuthError extends TitanSyncError {}

/** The token endpoint refused the client id or secret. No further token is requested until the credential changes. */
export class InvalidCredentialsError extends AuthError {
  constructor(message: string, options?: TitanSyncErrorOptions) {
    super("AUTH_INVALID_CREDENTIALS", message, false, options);
  }
}

/** A token could not be obtained for a reason other than bad credentials. */
export class TokenRequestError extends AuthError {
  readonly status: number | null;
  readonly retryAfterMs: number | null;

  constructor(
    message: string,
    details: { status: number | null; retryable: boolean; retryAfterMs?: number | null },
    options?: TitanSyncErrorOptions,
  ) {
    super("AUTH_TOKEN_REQUEST", message, details.retryable, options);
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs ?? null;
  }

  override toJSON(): ErrorJson & { readonly status: number | null } {
    return { ...super.toJSON(), status: this.status };
  }
}

/**
 * The app was not granted the scope that this feed needs (HTTP 403), or its token is accepted for every other resource
 * but this one (401).
 */
export class InsufficientScopeError extends AuthError {
  constructor(message: string, options?: TitanSyncErrorOptions) {
    super("AUTH_INSUFFICIENT_SCOPE", message, false, options);
  }
}

export interface ApiErrorDetails {
  readonly status: number;
  /** ServiceTitan's `traceId`, for its support. */
  readonly requestId: string | null;
  readonly retryable: boolean;
  /** How long the server asked to wait, in milliseconds; `null` when it did not say. */
  readonly retryAfterMs?: number | null;
  /** The invalid parameters, if the API names them. @defaultValue none */
  readonly fields?: readonly string[];
}

/** The API answered with something other than success. */
export class ApiError extends TitanSyncError {
  readonly status: number;
  readonly requestId: string | null;
  readonly retryAfterMs: number | null;
  /** The invalid parameters, if the API names them. */
  readonly fields: readonly string[];

  constructor(code: ErrorCode, message: string, details: ApiErrorDetails, options?: TitanSyncErrorOptions) {
    super(code, message, details.retryable, options);
    this.status = details.status;
    this.requestId = details.requestId;
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.fields = details.fields ?? [];
  }

  override toJSON(): ErrorJson & { readonly status: number; readonly requestId: string | null } {
    return { ...super.toJSON(), status: this.status, requestId: this.requestId };
  }
}

/** Too many requests (HTTP 429), or a quota that is used up for now (403). */
export class RateLimitError extends ApiError {
  constructor(message: string, details: Omit<ApiErrorDetails, "retryable">, options?: TitanSyncErrorOptions) {
    super("API_RATE_LIMITED", message, { ...details, retryable: true }, options);
  }
}

/** The API is failing or in maintenance (HTTP 5xx, 408, 425 and the like). */
export class ServiceUnavailableError extends ApiError {
  constructor(message: string, details: Omit<ApiErrorDetails, "retryable">, options?: TitanSyncErrorOptions) {
    super("API_UNAVAILABLE", message, { ...details, retryable: true }, options);
  }
}

/** The API refused the request, or sent a response that differs from its documentation. */
export class ApiResponseError extends ApiError {
  constructor(message: string, details: ApiErrorDetails, options?: TitanSyncErrorOptions) {
    super("API_RESPONSE", message, details, options);
  }
}

/** No response arrived: the connection failed or broke. */
export class NetworkError extends TitanSyncError {
  constructor(message: string, options?: TitanSyncErrorOptions) {
    super("NETWORK", message, true, options);
  }
}

/** No response arrived in time. */
export class TimeoutError extends TitanSyncError {
  constructor(message: string, options?: TitanSyncErrorOptions) {
    super("TIMEOUT", message, true, options);
  }
}

/** Requests of this credential are paused after repeated failures. */
export class CircuitOpenError extends TitanSyncError {
  /** When it may be tried again, in milliseconds from when it was thrown. */
  readonly retryAfterMs: number;

  constructor(message: string, options?: TitanSyncErrorOptions & { retryAfterMs?: number | undefined }) {
    super("CIRCUIT_OPEN", message, true, options);
    this.retryAfterMs = options?.retryAfterMs ?? 0;
  }
}

/** Data cannot be used as it is. */
export class DataError extends TitanSyncError {}

/** An entity cannot be turned into a record. */
export class MappingError extends DataError {
  constructor(message: string, options?: TitanSyncErrorOptions) {
    super("DATA_MAPPING", message, false, options);
  }
}

/** An argument is invalid. Nothing was changed. */
export class ValidationError extends DataError {
  /** One entry per fault, all of them at once. */
  readonly issues: readonly string[];

  constructor(message: string, issues: readonly string[] = [], options?: TitanSyncErrorOptions) {
    super("DATA_VALIDATION", message, false, options);
    this.issues = issues;
  }

  override toJSON(): ErrorJson & { readonly issues: readonly string[] } {
    return { ...super.toJSON(), issues: this.issues };
  }
}

/**
 * A page of a feed differs so much from ServiceTitan's documentation that none of it was stored. Nothing was changed.
 */
export class DriftError extends DataError {
  constructor(message: string, options?: TitanSyncErrorOptions) {
    super("DATA_DRIFT", message, false, options);
  }
}

export interface ConflictDetails {
  /** The run that causes the conflict. */
  readonly runId?: string | undefined;
  /** When its lease ends unless its owner renews it, in milliseconds from now. */
  readonly leaseEndsInMs?: number | undefined;
}

/** The operation conflicts with the current state: a run is in progress, a name is taken. */
export class ConflictError extends TitanSyncError {
  readonly runId: string | null;
  readonly leaseEndsInMs: number | null;

  constructor(message: string, options: TitanSyncErrorOptions & ConflictDetails = {}) {
    super("CONFLICT", message, false, options);
    this.runId = options.runId ?? null;
    this.leaseEndsInMs = options.leaseEndsInMs ?? null;
  }
}

/** Another owner has taken the run over. The write that failed with this changed nothing. */
export class LeaseLostError extends TitanSyncError {
  constructor(message: string, options?: TitanSyncErrorOptions) {
    super("LEASE_LOST", message, false, options);
  }
}

/** The database failed or refused a statement. */
export class StorageError extends TitanSyncError {
  constructor(message: string, options?: TitanSyncErrorOptions & { retryable?: boolean | undefined }) {
    super("STORAGE", message, options?.retryable ?? false, options);
  }
}

/** The host's pipeline failed or refused a batch. */
export class SinkError extends TitanSyncError {
  constructor(message: string, options?: TitanSyncErrorOptions & { retryable?: boolean | undefined }) {
    super("SINK", message, options?.retryable ?? true, options);
  }
}

/**
 * The host's pipeline did not return in time, or did not stop when its signal was aborted. The engine no longer waits
 * for it, and the transaction that it was given is over.
 */
export class SinkTimeoutError extends SinkError {}

/**
 * A sink throws this when the data is bad, not the sink: it would refuse the same records every time. Inside a storage
 * transaction the engine finds the bad records and rejects only those; the others of their batch are delivered.
 * Elsewhere it fails the batch, like any other error: return the items as `rejected` there.
 *
 * @example
 * throw new RecordRefusedError("zip is not one of ours", { keys: ["4711"] });
 *
 */
export class RecordRefusedError extends DataError {
  /** The keys of the bad items, if the sink knows them; `null` if the engine has to find them. */
  readonly keys: readonly string[] | null;

  /** @param message - Becomes the reason of the rejections: name fields, never values. */
  constructor(
    message: string,
    options: TitanSyncErrorOptions & { readonly keys?: readonly string[] | undefined } = {},
  ) {
    super("RECORD_REFUSED", message, false, options);
    this.keys = options.keys ?? null;
  }
}

/** A secret could not be encrypted or decrypted. The message never contains the secret. */
export class CryptoError extends TitanSyncError {
  constructor(message: string, options?: TitanSyncErrorOptions) {
    super("CRYPTO", message, false, options);
  }
}

/** The work was stopped by its `AbortSignal` or by `cancel()`. */
export class AbortedError extends TitanSyncError {
  constructor(message: string, options?: TitanSyncErrorOptions) {
    super("ABORTED", message, false, options);
  }
}

/** The code of an error of this library; `null` for any other error. */
export function errorCodeOf(error: unknown): ErrorCode | null {
  return TitanSyncError.is(error) ? error.code : null;
}

/** Errors of other libraries contain request options and connection details: only harmless parts are kept. */
function sanitizeCause(cause: unknown): unknown {
  if (TitanSyncError.is(cause)) return cause;
  if (!(cause instanceof Error)) return undefined;
  const code = (cause as { code?: unknown }).code;
  return {
    name: isWord(cause.name) ? cause.name : "Error",
    ...(isWord(code) ? { code } : {}),
  };
}

/** Such as `ECONNRESET`, `23505` or `TypeError`. */
function isWord(value: unknown): value is string {
  return typeof value === "string" && /^\w{1,40}$/.test(value);
}
