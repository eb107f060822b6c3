import type { accessTable, Operation } from "../access/access-table.js";

/**
 * Pages that a browser opens by address. It cannot send an `Authorization` header, and must be able to load
 * them before anybody has signed in: they consist of operations that the access table opens to all, or this
 * does not compile.
 */
type OpenOperation = {
  [Name in Operation]: (typeof accessTable)[Name]["about"] extends "nothing" ? Name : never;
}[Operation];

export interface Page {
  readonly operation: OpenOperation;
  /** Below the router. */
  readonly path: string;
}

/** Every page. They stand in no OpenAPI document: they are for people. */
export const pages = {
  documentation: { operation: "getDocumentationPage", path: "/docs" },
  dashboard: { operation: "getDashboardPage", path: "/ui" },
} as const satisfies Readonly<Record<string, Page>>;
