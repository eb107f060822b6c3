import type { z } from "zod";
import { ValidationError } from "./errors.js";

/** Each mistake with its field in front, or with `whole` if it concerns no single field. */
export function issuesOf(error: z.ZodError | undefined, whole = "request"): string[] {
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".") || whole}: ${message}`);
}

/**
 * @param what - is invalid, as its message says.
 * @param issues - each mistake, with its field in front.
 */
export function invalid(what: string, issues: readonly string[]): ValidationError {
  return new ValidationError(`Invalid ${what}: ${issues.join("; ")}.`, [...issues]);
}

/**
 * A request with its defaults.
 * @throws {@link ValidationError} with every mistake at once in `issues`.
 */
export function checkRequest<Checked>(schema: z.ZodType<Checked>, request: unknown, what: string): Checked {
  const { data, error } = schema.safeParse(request);
  if (error !== undefined) throw invalid(what, issuesOf(error));
  return data;
}
