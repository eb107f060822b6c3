import { z } from "zod";
import {
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
} from "zod-openapi";
import { type Access, accessTable } from "../access/access-table.js";
import { type ProblemCode, ProblemError } from "../http/problem.js";
import type { Route } from "../routes/route.js";
import { routes } from "../routes/routes.js";
import { problem } from "../schemas/problem.js";

type OverrideContext = Parameters<
  Extract<
    NonNullable<NonNullable<Parameters<typeof createDocument>[1]>["override"]>,
    (...given: never[]) => void
  >
>[0];

export type OpenApiDocument = ReturnType<typeof createDocument>;

/** @param server - The path under which clients reach the router. */
export function buildDocument(server: string): OpenApiDocument {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  }
  const document: ZodOpenApiObject = {
    openapi: "3.1.0",
    info: {
      title: "Titan Sync",
      version: "1",
      description: "Connects ServiceTitan tenants, syncs them, and reports the results.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: server === "" ? "/" : server }],
    security: [{ host: [] }],
    components: {
      securitySchemes: {
        host: {
          type: "apiKey",
          in: "header",
          name: "Authorization",
          description: "The host application decides how people sign in; it may use a cookie instead.",
        },
      },
    },
    paths: paths as ZodOpenApiPathsObject,
  };
  return createDocument(document, { override: describeDefault });
}

/**
 * Client generators treat a field with a default as always present, and make callers send it: defaults are
 * therefore described in words.
 */
function describeDefault({ jsonSchema, io }: OverrideContext): void {
  if (io !== "input" || jsonSchema.default === undefined) return;
  const { default: value, description } = jsonSchema;
  delete jsonSchema.default;
  if (typeof value === "object") return;
  jsonSchema.description = `${description === undefined ? "" : `${description} `}Default: ${JSON.stringify(value)}.`;
}

function operationOf(route: Route): ZodOpenApiOperationObject {
  const access: Access = accessTable[route.operation];
  const parameters = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const text = (names: readonly string[]) =>
    z.object(Object.fromEntries(names.map((name) => [name, z.string()])));
  const headers = Object.entries(route.headers ?? {}).map(([name, description]) => [
    name,
    z.string().optional().meta({ description }),
  ]);
  return {
    operationId: route.operation,
    summary: route.summary,
    tags: [route.tag],
    ...(access.about === "nothing"
      ? { security: [] }
      : { description: `Requires the permission \`${access.permission}\`.` }),
    requestParams: {
      ...(parameters.length > 0 && { path: text(parameters) }),
      ...(route.query !== undefined && { query: route.query as z.ZodObject }),
      ...(headers.length > 0 && { header: z.object(Object.fromEntries(headers)) }),
    },
    ...(route.body !== undefined && {
      requestBody: { required: true, content: { "application/json": { schema: route.body } } },
    }),
    responses: { ...successes(route), ...problems(route, access) },
  };
}

function successes(route: Route): ZodOpenApiOperationObject["responses"] {
  return Object.fromEntries(
    Object.entries(route.answers).map(([status, answer]) => [
      status,
      {
        description: answer.description,
        ...(answer.schema !== undefined && {
          content: { [answer.contentType ?? "application/json"]: { schema: answer.schema } },
        }),
        ...(answer.headers !== undefined && {
          headers: Object.fromEntries(
            Object.entries(answer.headers).map(([name, description]) => [
              name,
              { description, schema: { type: "string" as const } },
            ]),
          ),
        }),
      },
    ]),
  );
}

/** One entry for each status, whatever the reasons behind it. */
function problems(route: Route, access: Access): ZodOpenApiOperationObject["responses"] {
  const byStatus = new Map<number, string[]>();
  for (const code of problemsOf(route, access)) {
    const { status, message } = new ProblemError(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), `${code}: ${message}.`]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, texts]) => [
      String(status),
      {
        description: texts.join(" "),
        content: { "application/problem+json": { schema: problem } },
      },
    ]),
  );
}

function problemsOf(route: Route, access: Access): readonly ProblemCode[] {
  const isChange = route.method !== "get";
  const { about } = access;
  return [
    "MALFORMED",
    "UNAUTHENTICATED",
    ...(about === "nothing" ? [] : (["FORBIDDEN"] as const)),
    ...(isChange ? (["CROSS_ORIGIN", "JSON_REQUIRED"] as const) : []),
    ...(about === "credential" || about === "run" || about === "company" ? (["NOT_FOUND"] as const) : []),
    ...(route.body === undefined ? [] : (["BODY_TOO_LARGE"] as const)),
    "INVALID",
    ...(route.limit === undefined ? [] : (["TOO_MANY_REQUESTS"] as const)),
    "UNEXPECTED",
    ...(route.problems ?? []),
    ...(Object.hasOwn(route.answers, 503) || route.problems?.includes("UNAVAILABLE")
      ? []
      : (["UNAVAILABLE"] as const)),
  ];
}
