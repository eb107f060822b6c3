import { z } from "zod";
import { type Fault, ProblemError } from "./problem.js";

/** What of a request is checked against schemas. */
export interface RequestParts {
  readonly query: unknown;
  readonly body: unknown;
}

export interface RequestSchemas {
  readonly query: z.ZodType | undefined;
  readonly body: z.ZodType | undefined;
}

const noQuery = z.strictObject({});

/** Checks query and body, and reports all mistakes in both at once. */
export function checkRequest(schemas: RequestSchemas, parts: RequestParts): RequestParts {
  const query = (schemas.query ?? noQuery).safeParse(parts.query);
  const body = schemas.body?.safeParse(parts.body) ?? { success: true as const, data: undefined };
  if (query.success && body.success) return { query: query.data, body: body.data };
  const faults = [
    ...(query.error?.issues ?? []).flatMap(queryFaults),
    ...(body.success ? [] : body.error.issues).flatMap(bodyFaults),
  ];
  throw new ProblemError("INVALID", { errors: faults });
}

function queryFaults(issue: z.core.$ZodIssue): readonly Fault[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ parameter: key, detail: "is not a parameter of this request" }));
  }
  return [{ parameter: issue.path.map(String).join("."), detail: issue.message }];
}

function bodyFaults(issue: z.core.$ZodIssue): readonly Fault[] {
  if (issue.code === "unrecognized_keys") {
    const detail = "is not a field of this request";
    return issue.keys.map((key) => ({ pointer: pointerTo([...issue.path, key]), detail }));
  }
  return [{ pointer: pointerTo(issue.path), detail: issue.message }];
}

/** RFC 6901, in the form for URI fragments: an unusual name must not break the pointer. */
function pointerTo(path: readonly PropertyKey[]): string {
  const parts = path.map((part) => String(part).replaceAll("~", "~0").replaceAll("/", "~1"));
  return `#${parts.map((part) => `/${encodeURIComponent(part.toWellFormed())}`).join("")}`;
}
