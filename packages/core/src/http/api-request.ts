import { createFetch } from "ofetch";
import type { Secret } from "../crypto/secret.js";
import { ApiResponseError, type ErrorCode, NetworkError, TimeoutError, TitanSyncError } from "../errors.js";
import { type ParsedWithRows, parseWithRows } from "../json/parse-with-rows.js";
import type { Clock } from "../ports/clock.js";
import { toApiError } from "./api-error.js";
import { roughTextOf, utf8Of } from "./body-text.js";
import { announcedLength, readBytes } from "./read-bytes.js";
import { serverTimeOf } from "./retry-after.js";

/** What an answer says: the parsed JSON, and apart from it the rows of its field `data`, until they are released. */
export type ApiContent = ParsedWithRows;

/** What the API answered. */
export interface ApiAnswer extends ApiContent {
  /** From the `Date` header, epoch milliseconds; `null` when absent. */
  readonly serverTime: number | null;
  /** Of the body. */
  readonly bytes: number;
}

/** Where a request goes. */
export interface ApiRequest {
  /** Without leading slash and query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** From 1. */
  readonly attempt: number;
}

/** What one request was, for a log: nothing in it is secret or personal. */
export interface RequestReport {
  readonly method: string;
  readonly path: string;
  /** `null` when no answer came. */
  readonly status: number | null;
  readonly durationMs: number;
  readonly bytes: number | null;
  readonly attempt: number;
  /** The code of the failure; `null` for a complete, successful response. */
  readonly code: ErrorCode | null;
}

/** Sends single GET requests: no repetition, no limit. */
export interface RequestSender {
  /** @throws {@link TitanSyncError} of the kind that matches the response. */
  send(request: ApiRequest, token: string, signal: AbortSignal): Promise<ApiAnswer>;
}

/**
 * Plain requests. ofetch joins these defaults with each request, over the host's fetch; what it does of its own accord
 * is turned off.
 */
export function createRequestSender(options: {
  readonly apiUrl: string;
  readonly appKey: Secret;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  /** Called when a request is sent. Returns a function that is called when it has ended. */
  readonly observe: (
    request: Pick<RequestReport, "method" | "path" | "attempt">,
  ) => (report: RequestReport) => void;
}): RequestSender {
  const { clock } = options;
  const client = createFetch({ fetch: options.fetch }).create({
    method: "GET",
    retry: 0,
    // A redirect is detected and refused; following it would send the credentials to another host.
    redirect: "manual",
    // Read below, so that the status is known if the body is cut off.
    responseType: "stream",
    ignoreResponseError: true,
  });

  return {
    async send({ path, query, attempt }, token, signal) {
      const startedAt = clock.now();
      const report = options.observe({ method: "GET", path, attempt });
      let status: number | null = null;
      let code: ErrorCode | null = null;
      let bytes: number | null = null;
      try {
        const response = await client.raw<unknown, "stream">(addressOf(options.apiUrl, path, query), {
          headers: {
            Accept: "application/json",
            Authorization: `Bearer ${token}`,
            "ST-App-Key": options.appKey.reveal(),
          },
          signal,
        });
        status = response.status;
        const { headers } = response;
        const body = await readBody(response);
        bytes = body.byteLength;
        if (!response.ok) {
          const secrets = [token, options.appKey.reveal()];
          const bodyText = roughTextOf(body);
          throw toApiError({ method: "GET", path, status, headers, bodyText, secrets }, clock.now());
        }
        const text = utf8Of(body, headers.get("content-type"));
        if (text === null) throw unreadable(path, status, "the body is not text in UTF-8");
        return { ...parseBody(text, path, status), serverTime: serverTimeOf(headers), bytes };
      } catch (error) {
        const failure = TitanSyncError.is(error) ? error : withoutAnswer(error, path, signal);
        code = failure.code;
        throw failure;
      } finally {
        const durationMs = clock.now() - startedAt;
        report({ method: "GET", path, status, durationMs, bytes, attempt, code });
      }
    },
  };
}

function addressOf(apiUrl: string, path: string, query: Readonly<Record<string, string>>): string {
  const parameters = new URLSearchParams(query).toString();
  return `${apiUrl}/${path}${parameters === "" ? "" : `?${parameters}`}`;
}

/** The status of a refusal is enough: a truncated body must not turn it into a transient failure. */
async function readBody(response: Response): Promise<Uint8Array> {
  const bytes = readBytes(response.body, announcedLength(response.headers));
  return response.ok ? await bytes : await bytes.catch(() => new Uint8Array());
}

/** A body that was truncated by a proxy often arrives as a complete response. */
function parseBody(text: Buffer, path: string, status: number): ApiContent {
  try {
    return parseWithRows(text, "data");
  } catch {
    // The parser's message quotes the text: it is not kept.
    throw unreadable(path, status, "the body is not complete JSON");
  }
}

function unreadable(path: string, status: number, why: string): ApiResponseError {
  return new ApiResponseError(`GET ${path}: ${status}, but ${why}.`, {
    status,
    requestId: null,
    retryable: true,
  });
}

function withoutAnswer(error: unknown, path: string, signal: AbortSignal): TitanSyncError {
  if (signal.aborted) return new TimeoutError(`GET ${path}: no complete response in time.`);
  return new NetworkError(`GET ${path}: no complete response arrived.`, { cause: rootOf(error) });
}

/** Fetch wraps what happened (`ECONNRESET`, `UND_ERR_SOCKET`) into errors that only say "fetch failed". */
function rootOf(error: unknown): unknown {
  let root = error;
  for (let depth = 0; depth < 5 && root instanceof Error && root.cause instanceof Error; depth += 1) {
    root = root.cause;
  }
  return root;
}
