import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import {
  ApiError,
  ApiResponseError,
  AuthError,
  InsufficientScopeError,
  RateLimitError,
  ServiceUnavailableError,
} from "../errors.js";
import { toApiError } from "./api-error.js";

const now = Date.parse("2026-01-01T00:00:00Z");
const failed = (status: number, body: unknown = "", headers: Record<string, string> = {}) =>
  toApiError(
    {
      method: "GET",
      path: "crm/v2/tenant/1001/customers",
      status,
      headers: new Headers(headers),
      bodyText: typeof body === "string" ? body : JSON.stringify(body),
      secrets: ["short-token", "", "short-key"],
    },
    now,
  );

describe("toApiError", () => {
  it.each([
    [401, AuthError, false],
    [403, InsufficientScopeError, false],
    [429, RateLimitError, true],
    [408, ServiceUnavailableError, true],
    [425, ServiceUnavailableError, true],
    [500, ServiceUnavailableError, true],
    [503, ServiceUnavailableError, true],
    [400, ApiResponseError, false],
    [404, ApiResponseError, false],
    [409, ApiResponseError, false],
    [422, ApiResponseError, false],
    [302, ApiResponseError, false],
  ])("turns %i into its kind of error", (status, kind, retryable) => {
    const error = failed(status);
    expect(error.constructor).toBe(kind);
    expect(error.retryable).toBe(retryable);
  });

  it("treats the 409 of a maintenance as a transient failure", () => {
    const title = "The service is suspended for maintenance. Please try again later.";
    expect(failed(409, { title })).toBeInstanceOf(ServiceUnavailableError);
    expect(failed(409, { title: "Customer ID = 5 is not active" })).toBeInstanceOf(ApiResponseError);
  });

  it("states method, path, status and title, and carries the trace id", () => {
    const error = failed(400, { title: "Bad sort.", traceId: "trace-1", errors: { sort: ["kanari"] } });

    expect(error.message).toBe("GET crm/v2/tenant/1001/customers: 400 Bad sort. (sort)");
    expect(error instanceof ApiError && [error.status, error.requestId]).toEqual([400, "trace-1"]);
    expect(inspect(error, { depth: 9 })).not.toContain("kanari");
  });

  it("survives HTML and keeps none of it", () => {
    expect(failed(503, "<html>kanari</html>").message).toBe("GET crm/v2/tenant/1001/customers: 503");
  });

  it("hides what the request contained if the server quotes it", () => {
    const error = failed(400, { title: "key short-key, token=short-token!", traceId: "short-token" });

    expect(error.message).toContain("400 key [redacted], token=[redacted]!");
    expect(error instanceof ApiError && error.requestId).toBeNull();
  });

  it("carries the announced wait", () => {
    const waitOf = (error: unknown) => (error instanceof RateLimitError ? error.retryAfterMs : undefined);

    expect(waitOf(failed(429, "", { "retry-after": "7" }))).toBe(7000);
    expect(waitOf(failed(429, { title: "Rate limit is exceeded. Try again in 60 seconds." }))).toBe(60_000);
    expect(waitOf(failed(429))).toBeNull();
  });

  it("mistook an exhausted quota, which recovers automatically, for a missing scope", () => {
    const message = "Out of call volume quota. Quota will be replenished in 00:00:20.";
    const error = failed(403, { statusCode: 403, message }, { "retry-after": "20" });

    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ status: 403, retryAfterMs: 20_000, retryable: true });
    expect(failed(403, { statusCode: 403, message })).toMatchObject({ retryAfterMs: 20_000 });
    expect(failed(403, "", { "retry-after": "20" })).toBeInstanceOf(RateLimitError);
  });

  it("did not say which parameter was refused", () => {
    const title = "One or more validation errors occurred.";
    const error = failed(400, { title, errors: { pageSize: ["kanari"], sort: ["kanari"] } });

    expect(error.message).toContain(`400 ${title} (pageSize, sort)`);
    expect(error instanceof ApiError && error.fields).toEqual(["pageSize", "sort"]);
    expect(inspect(error, { depth: 9 })).not.toContain("kanari");
  });

  it("hints at the app key if the server does not receive it, otherwise at the app", () => {
    const title = "Application key not present, check ST-App-Key header value.";
    expect(failed(401, { title }).hint).toContain("begins with ak1.");
    expect(failed(401).hint).toContain("environment");
  });

  it("explains what a person can do about a refusal", () => {
    expect(failed(403).hint).toContain("Grant the app the scope");
    expect(failed(404).hint).toContain("tenant id");
    expect(failed(301).hint).toContain("Redirects are not followed");
    expect(failed(400).hint).toBeNull();
  });
});
