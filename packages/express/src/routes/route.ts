import type { CredentialSummary, StoredRun } from "@titan-sync/core";
import type { z } from "zod";
import type { accessTable, Operation } from "../access/access-table.js";
import type { CompanyFilter, Principal } from "../access/principal.js";
import type { StreamPlan } from "../events/event-stream.js";
import type { ProblemCode } from "../http/problem.js";
import type { LimitedKind } from "../http/rate-limits.js";
import type { Services } from "./services.js";

type Method = "get" | "post" | "put" | "patch" | "delete";

/** The subject of an operation, as found and as the principal may see it. */
interface Subjects {
  readonly nothing: null;
  readonly companies: CompanyFilter;
  readonly company: string;
  readonly credential: CredentialSummary;
  readonly run: StoredRun;
}
type SubjectOf<Name extends Operation> = Subjects[(typeof accessTable)[Name]["about"]];
type PrincipalOf<Name extends Operation> = (typeof accessTable)[Name]["about"] extends "nothing"
  ? null
  : Principal;

/** One request after every check. */
export interface Call<Subject = unknown, Query = unknown, Body = unknown, Caller = Principal | null> {
  readonly services: Services;
  readonly principal: Caller;
  readonly subject: Subject;
  readonly query: Query;
  readonly body: Body;
  readonly requestId: string;
  /** The path under which clients reach the router: `/api/servicetitan`, or nothing. */
  readonly server: string;
  /** A header by its lower-case name. */
  header(name: string): string | undefined;
  /** Aborted when the client has disconnected. */
  readonly signal: AbortSignal;
  /** Checks again who makes the request and what they may do; `null` if nobody is signed in anymore. */
  reviseSubject(): Promise<Subject | null>;
}

export type Answer =
  | {
      readonly status: number;
      /** Absent where there is none. */
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>> | undefined;
    }
  | { readonly stream: StreamPlan };

interface DocumentedAnswer {
  readonly description: string;
  readonly schema?: z.ZodType;
  readonly headers?: Readonly<Record<string, string>>;
  /** @defaultValue "application/json" */
  readonly contentType?: string;
}

/** Everything about one operation, from which router and OpenAPI document are made. */
export interface Route {
  readonly operation: Operation;
  readonly method: Method;
  /** Below the router, with parameters in braces. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly query?: z.ZodType | undefined;
  readonly body?: z.ZodType | undefined;
  /** Request headers with what they are for. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly limit?: LimitedKind | undefined;
  readonly answers: Readonly<Record<number, DocumentedAnswer>>;
  /** Besides those that every route may answer with. */
  readonly problems?: readonly ProblemCode[] | undefined;
  handle(call: Call): Promise<Answer>;
}

/** A route whose handler knows what it gets. */
export function defineRoute<
  Name extends Operation,
  Query extends z.ZodType = z.ZodType<undefined>,
  Body extends z.ZodType = z.ZodType<undefined>,
>(
  route: Omit<Route, "operation" | "query" | "body" | "handle"> & {
    readonly operation: Name;
    readonly query?: Query;
    readonly body?: Body;
    handle(call: Call<SubjectOf<Name>, z.output<Query>, z.output<Body>, PrincipalOf<Name>>): Promise<Answer>;
  },
): Route {
  // The pipeline passes each handler what its line of the access table and its schemas define.
  return route as unknown as Route;
}
