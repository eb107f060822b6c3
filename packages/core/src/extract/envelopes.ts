import { z } from "zod";
import { ApiResponseError } from "../errors.js";

const exportEnvelope = z.looseObject({
  hasMore: z.boolean(),
  continueFrom: z.string().nullish(),
  data: z.array(z.unknown()),
});

const listEnvelope = z.looseObject({
  hasMore: z.boolean(),
  totalCount: z.int().nullish(),
  data: z.array(z.unknown()),
});

export type ExportEnvelope = z.infer<typeof exportEnvelope>;
export type ListEnvelope = z.infer<typeof listEnvelope>;

/** @throws {@link ApiResponseError} when the answer is not what an export feed documents. */
export function parseExport(body: unknown, path: string): ExportEnvelope {
  return parse(exportEnvelope, body, path);
}

/** @throws {@link ApiResponseError} when the answer is not what a list documents. */
export function parseList(body: unknown, path: string): ListEnvelope {
  return parse(listEnvelope, body, path);
}

function parse<Envelope>(schema: z.ZodType<Envelope>, body: unknown, path: string): Envelope {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const fields = [...new Set(result.error.issues.map((issue) => issue.path[0] ?? "body"))].join(", ");
  throw unusable(path, `${fields} not as documented`);
}

/** A good status with an answer that cannot be followed. */
export function unusable(path: string, what: string): ApiResponseError {
  return new ApiResponseError(`GET ${path}: 200, but ${what}.`, {
    status: 200,
    requestId: null,
    retryable: true,
  });
}
