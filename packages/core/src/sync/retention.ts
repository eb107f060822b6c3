import { z } from "zod";
import { ValidationError } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { SyncStore } from "../ports/sync-store.js";

const day = 24 * 60 * 60 * 1000;

/** How long things are kept, in milliseconds; `null` keeps them for ever. */
export interface PruneRequest {
  /** Runs, since they ended. A credential's newest run stays, and so does its last completed one. @defaultValue 90 days */
  readonly runsOlderThanMs?: number | null | undefined;
  /** Rejections with their payloads, since they were last seen. @defaultValue 30 days */
  readonly rejectionsOlderThanMs?: number | null | undefined;
  /** Entries of the audit log. @defaultValue 365 days */
  readonly auditOlderThanMs?: number | null | undefined;
}

/** How many were deleted. */
export type PruneResult = Awaited<ReturnType<SyncStore["prune"]>>;

const age = (days: number) =>
  z
    .number()
    .min(0)
    .nullable()
    .default(days * day);

const requestSchema = z.strictObject({
  runsOlderThanMs: age(90),
  rejectionsOlderThanMs: age(30),
  auditOlderThanMs: age(365),
});

/**
 * Deletes what was kept for long enough, of all companies.
 * @throws {@link ValidationError} with every mistake at once in `issues`.
 */
export async function prune(
  store: Pick<SyncStore, "prune">,
  clock: Clock,
  request: PruneRequest,
): Promise<PruneResult> {
  const parsed = requestSchema.safeParse(request);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(
      (issue) => `${issue.path.join(".") || "request"}: ${issue.message}`,
    );
    throw new ValidationError(`The retention is not acceptable: ${issues.join("; ")}.`, issues);
  }
  const { runsOlderThanMs, rejectionsOlderThanMs, auditOlderThanMs } = parsed.data;
  const before = (ageMs: number | null) => (ageMs === null ? undefined : clock.now() - ageMs);
  return await store.prune({
    runs: before(runsOlderThanMs),
    rejections: before(rejectionsOlderThanMs),
    audit: before(auditOlderThanMs),
  });
}
