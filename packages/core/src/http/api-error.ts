import {
  ApiResponseError,
  AuthError,
  InsufficientScopeError,
  RateLimitError,
  ServiceUnavailableError,
  type TitanSyncError,
} from "../errors.js";
import { parseProblem } from "./problem.js";
import { announcedWaitMs } from "./retry-after.js";

/** An answer other than success, as far as it was read. */
export interface FailedAnswer {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  readonly bodyText: string;
  /** The contents of the request, which must never be shown. */
  readonly secrets: readonly string[];
}

const maintenance = /suspended for maintenance/i;
/** The message of Azure's gateway for a used-up quota, with 403. The condition is transient. */
const quota = /call volume quota|quota (?:will be|is) (?:replenished|exceeded)|rate limit is exceeded/i;

/**
 * The error for an answer of the API. Messages hold method, path, status, the problem's title and the names of the
 * fields that it finds fault with; never the query, the headers or the body.
 *
 * @param now - Epoch milliseconds, for waits announced as a date.
 */
export function toApiError(answer: FailedAnswer, now: number): TitanSyncError {
  const { status, headers, bodyText } = answer;
  const { title, traceId, fields } = parseProblem(bodyText, answer.secrets);
  const named = fields.length === 0 ? "" : ` (${fields.join(", ")})`;
  const message = `${answer.method} ${answer.path}: ${status}${title === null ? "" : ` ${title}`}${named}`;
  const retryAfterMs = announcedWaitMs(headers, bodyText, now);
  const details = { status, requestId: traceId, retryAfterMs, fields };

  if (status === 401) return new AuthError("AUTH_REJECTED", message, false, { hint: rejectedHint(title) });
  if (status === 429 || (status === 403 && (quota.test(bodyText) || headers.has("retry-after")))) {
    return new RateLimitError(message, details, {
      hint: "Other programs with the same app key count too; lower the rate here or there.",
    });
  }
  if (status === 403) {
    return new InsufficientScopeError(message, {
      hint: "Grant the app the scope of this resource in ServiceTitan; the tenant's administrator must then accept the app's new version.",
    });
  }
  const isMaintenance = status === 409 && maintenance.test(bodyText);
  if (isMaintenance || status >= 500 || status === 408 || status === 425) {
    return new ServiceUnavailableError(message, details);
  }
  return new ApiResponseError(message, { ...details, retryable: false }, { hint: refusedHint(status) });
}

function rejectedHint(title: string | null): string {
  if (/application key/i.test(title ?? "")) {
    return "Check the app key: it belongs to the app, begins with ak1., and is the same in both environments.";
  }
  return "ServiceTitan refused a token that it had just issued: check that the app key belongs to the same app as the client id, and that the environment is correct.";
}

function refusedHint(status: number): string | undefined {
  if (status >= 300 && status < 400)
    return "Redirects are not followed: credentials are sent to one host only.";
  if (status === 404) return "Check the tenant id and the environment.";
  return undefined;
}
