import { ApiResponseError } from "../errors.js";
import type { ApiContent } from "../http/api-client.js";
import type { PageRow } from "../json/page-row.js";

/** What an export feed answers. */
export interface ExportEnvelope {
  readonly rows: readonly PageRow[];
  readonly hasMore: boolean;
  /** The token of the next page; documented as always there. */
  readonly continueFrom: string | null;
}

/** What a list answers. */
export interface ListEnvelope {
  readonly rows: readonly PageRow[];
  readonly hasMore: boolean;
  /** The number of this page, if the response contains it. */
  readonly page: number | null;
  /** Rows in the whole list; only if requested. */
  readonly totalCount: number | null;
}

/** @throws {@link ApiResponseError} when the answer is not what an export feed documents. */
export function parseExport({ body, rows }: ApiContent, path: string): ExportEnvelope {
  const { hasMore, continueFrom = null, data: given } = fieldsOf(body);
  const data = orNone(given, hasMore);
  if (isFlag(hasMore) && isTextOrNull(continueFrom) && isRows(data)) {
    // An empty token would request the beginning.
    const token = continueFrom?.trim() === "" ? null : continueFrom;
    return { hasMore, continueFrom: token, rows };
  }
  throw undocumented(path, {
    hasMore: isFlag(hasMore),
    continueFrom: isTextOrNull(continueFrom),
    data: isRows(data),
  });
}

/** @throws {@link ApiResponseError} when the answer is not what a list documents. */
export function parseList({ body, rows }: ApiContent, path: string): ListEnvelope {
  const { hasMore, page = null, totalCount = null, data: given } = fieldsOf(body);
  const data = orNone(given, hasMore);
  if (isFlag(hasMore) && isCountOrNull(page) && isCountOrNull(totalCount) && isRows(data)) {
    return { hasMore, page, totalCount, rows };
  }
  throw undocumented(path, {
    hasMore: isFlag(hasMore),
    page: isCountOrNull(page),
    totalCount: isCountOrNull(totalCount),
    data: isRows(data),
  });
}

/** A good status with an answer that cannot be followed; asking again may help. */
export function unusable(path: string, what: string): ApiResponseError {
  return new ApiResponseError(`GET ${path}: 200, but ${what}.`, {
    status: 200,
    requestId: null,
    retryable: true,
  });
}

function undocumented(path: string, fields: Readonly<Record<string, boolean>>): ApiResponseError {
  const wrong = Object.keys(fields).filter((name) => fields[name] === false);
  return unusable(path, `${wrong.join(", ")} not as documented`);
}

/** An empty last page may be null. */
function orNone(data: unknown, hasMore: unknown): unknown {
  return data === null && hasMore === false ? [] : data;
}

function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  return typeof body === "object" && body !== null ? { ...body } : {};
}

function isFlag(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}

function isCountOrNull(value: unknown): value is number | null {
  return value === null || (Number.isSafeInteger(value) && Number(value) >= 0);
}

function isRows(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
