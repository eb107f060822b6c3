import { z } from "zod";
import { checkRequest, invalid } from "../check-request.js";
import type { RunRequest, SyncRange } from "../ports/sync-run.js";
import { dataSchema, type RecordCatalog } from "../records/definitions/catalog.js";
import { normalizeInstant } from "../records/instant.js";
import type { SyncRequest } from "./sync-request.js";

const requestSchema = z.strictObject({
  credentialId: z.string().min(1),
  // The choices depend on the instance.
  data: z.string(),
  mode: z.enum(["incremental", "full"]).default("incremental"),
  fresh: z.boolean().default(false),
  rederive: z.boolean().default(false),
  replay: z.boolean().default(false),
  from: z.string().optional(),
  to: z.string().optional(),
  by: z.enum(["modified", "created", "invoiced"]).default("modified"),
  allowRemovals: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  type: z.enum(["manual", "scheduled"]).default("manual"),
  runId: z.string().min(1).optional(),
  importId: z.int().nullish(),
  stopAfterMs: z.number().positive().optional(),
  pauseOnFailure: z.boolean().default(false),
  signal: z.instanceof(AbortSignal).optional(),
  actor: z.string().min(1).default("system"),
});

type ParsedRequest = z.infer<typeof requestSchema>;

/** A request with its defaults, and the part of it that makes two requests equal. */
export interface CheckedRequest extends Omit<ParsedRequest, "from" | "to" | "by"> {
  readonly run: RunRequest;
}

/** @throws `ValidationError` with every mistake at once in `issues`. */
export function checkSyncRequest(
  catalog: Pick<RecordCatalog, "drivers">,
  request: SyncRequest,
): CheckedRequest {
  const schema = requestSchema.extend({ data: dataSchema(catalog) });
  const { from, to, by, ...rest } = checkRequest(schema, withoutUndefined(request), "sync request");
  const issues: string[] = [];
  const range = checkRange({ from, to, by }, issues);
  checkCombination(rest, range, request.by !== undefined, issues);
  if (issues.length > 0) throw invalid("sync request", issues);
  const { data, mode, fresh, rederive, replay, allowRemovals } = rest;
  const run: RunRequest = { data, mode, fresh, rederive, range, allowRemovals };
  return { ...rest, run: replay ? { ...run, replay } : run };
}

function checkRange(
  { from, to, by }: Pick<ParsedRequest, "from" | "to" | "by">,
  issues: string[],
): SyncRange | null {
  if (from === undefined && to === undefined) return null;
  const range = { from: toInstant("from", from, issues), to: toInstant("to", to, issues), by };
  if (range.from !== null && range.to !== null && range.from >= range.to) {
    issues.push(`from, to: the range is empty: ${range.from} is not before ${range.to}`);
  }
  return range;
}

function checkCombination(
  request: Pick<ParsedRequest, "data" | "mode" | "fresh" | "rederive" | "replay">,
  range: SyncRange | null,
  byGiven: boolean,
  issues: string[],
): void {
  if (range === null && byGiven) issues.push("by: has no effect without from or to");
  if (range?.by === "invoiced" && request.data !== "invoices") {
    issues.push('by: "invoiced" requires data "invoices"');
  }
  if (range !== null && request.mode === "full") {
    issues.push("mode, from, to: a full pass reads everything; omit mode or the range");
  }
  if (request.rederive && (range !== null || request.fresh || request.mode === "full")) {
    issues.push("rederive: does not call the API; omit mode, fresh and the range");
  }
  if (request.replay && (request.rederive || range !== null || request.fresh || request.mode === "full")) {
    issues.push("replay: does not call the API; omit mode, fresh, rederive and the range");
  }
}

const datePattern = /^\d{4}-\d{2}-\d{2}$/;
const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,7})?)?(Z|[+-]\d{2}:?\d{2})?$/;

/** A date is its midnight, and an instant without a zone is UTC. */
function toInstant(field: string, text: string | undefined, issues: string[]): string | null {
  if (text === undefined) return null;
  const isWritten = datePattern.test(text) || instantPattern.test(text);
  // `Date` would take the 30th of February for the 2nd of March.
  const instant = isWritten ? normalizeInstant(text) : null;
  if (instant === null) {
    issues.push(`${field}: expected a date (2026-01-31) or an instant (2026-01-31T08:00:00Z)`);
    return null;
  }
  return new Date(instant).toISOString();
}

function withoutUndefined(request: SyncRequest): Record<string, unknown> {
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
}
