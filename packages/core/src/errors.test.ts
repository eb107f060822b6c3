import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import {
  AbortedError,
  ApiResponseError,
  AuthError,
  CircuitOpenError,
  ConfigError,
  ConflictError,
  CryptoError,
  DataError,
  DriftError,
  type ErrorCode,
  errorCodes,
  InsufficientScopeError,
  InvalidCredentialsError,
  LeaseLostError,
  MappingError,
  NetworkError,
  RateLimitError,
  RecordRefusedError,
  ServiceUnavailableError,
  SinkError,
  StorageError,
  TimeoutError,
  TitanSyncError,
  TokenRequestError,
  ValidationError,
} from "./errors.js";

const details = { status: 503, requestId: "trace-1" };

const oneOfEach: readonly [TitanSyncError, ErrorCode, boolean][] = [
  [new ConfigError("m"), "CONFIG_INVALID", false],
  [new AuthError("AUTH_REJECTED", "m", false), "AUTH_REJECTED", false],
  [new InvalidCredentialsError("m"), "AUTH_INVALID_CREDENTIALS", false],
  [new TokenRequestError("m", { status: null, retryable: true }), "AUTH_TOKEN_REQUEST", true],
  [new InsufficientScopeError("m"), "AUTH_INSUFFICIENT_SCOPE", false],
  [new RateLimitError("m", details), "API_RATE_LIMITED", true],
  [new ServiceUnavailableError("m", details), "API_UNAVAILABLE", true],
  [new ApiResponseError("m", { ...details, retryable: false }), "API_RESPONSE", false],
  [new NetworkError("m"), "NETWORK", true],
  [new TimeoutError("m"), "TIMEOUT", true],
  [new CircuitOpenError("m"), "CIRCUIT_OPEN", true],
  [new MappingError("m"), "DATA_MAPPING", false],
  [new ValidationError("m", ["a"]), "DATA_VALIDATION", false],
  [new DriftError("m"), "DATA_DRIFT", false],
  [new ConflictError("m", { runId: "r", leaseEndsInMs: 5 }), "CONFLICT", false],
  [new LeaseLostError("m"), "LEASE_LOST", false],
  [new StorageError("m"), "STORAGE", false],
  [new SinkError("m"), "SINK", true],
  [new RecordRefusedError("m"), "RECORD_REFUSED", false],
  [new CryptoError("m"), "CRYPTO", false],
  [new AbortedError("m"), "ABORTED", false],
];

describe("the error tree", () => {
  it.each(oneOfEach)("%o has its code and says whether it is retryable", (error, code, retryable) => {
    expect([error.code, error.retryable, error.hint]).toEqual([code, retryable, null]);
    expect(error.name).toBe(error.constructor.name);
    expect(error).toBeInstanceOf(TitanSyncError);
  });

  it("has one kind for every code", () => {
    expect(oneOfEach.map(([error]) => error.code).sort()).toEqual([...errorCodes].sort());
  });

  it("groups its kinds", () => {
    expect(new InvalidCredentialsError("m")).toBeInstanceOf(AuthError);
    expect(new MappingError("m")).toBeInstanceOf(DataError);
  });

  it("lets the storage say that a failure is transient", () => {
    expect(new StorageError("m", { retryable: true }).retryable).toBe(true);
  });
});

describe("TitanSyncError.is", () => {
  it("knows an error of another installed copy", () => {
    const foreign = Object.assign(new Error("m"), { [Symbol.for("@titan-sync/core/error")]: true });

    expect(TitanSyncError.is(foreign)).toBe(true);
  });

  it.each([null, undefined, "CONFLICT", new Error("m"), { code: "CONFLICT" }])(
    "does not know %o",
    (value) => {
      expect(TitanSyncError.is(value)).toBe(false);
    },
  );
});

describe("an error's cause", () => {
  it("keeps the name and code of a foreign error, and nothing else", () => {
    const cause = Object.assign(new TypeError("kanari in the message"), {
      code: "ECONNRESET",
      request: { headers: { authorization: "Bearer kanari" } },
    });

    const error = new NetworkError("m", { cause });
    expect(error.cause).toEqual({ name: "TypeError", code: "ECONNRESET" });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("kanari");
  });

  it("does not keep a name or code that is a sentence", () => {
    const cause = Object.assign(new Error("m"), { name: "for kanari", code: "key kanari" });

    expect(new StorageError("m", { cause }).cause).toEqual({ name: "Error" });
  });

  it("keeps this library's errors whole, and drops what is not an error", () => {
    const ours = new TimeoutError("m");

    expect(new SinkError("m", { cause: ours }).cause).toBe(ours);
    expect(new SinkError("m", { cause: "kanari" }).cause).toBeUndefined();
  });
});

describe("an error's JSON form", () => {
  it("contains what a log needs", () => {
    expect(JSON.parse(JSON.stringify(new RateLimitError("m", details, { hint: "wait" })))).toEqual({
      name: "RateLimitError",
      code: "API_RATE_LIMITED",
      message: "m",
      hint: "wait",
      retryable: true,
      status: 503,
      requestId: "trace-1",
    });
    expect(new ValidationError("m", ["a: b"]).toJSON()).toMatchObject({ issues: ["a: b"] });
    expect(new TokenRequestError("m", { status: 500, retryable: true }).toJSON()).toMatchObject({
      status: 500,
    });
  });
});
