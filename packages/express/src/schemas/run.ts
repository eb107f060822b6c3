import { z } from "zod";
import { cleanText, count, environment, id, instant, pageOf, paging, time } from "./common.js";

/** What this library's own record types are asked for by. */
export const data = z.enum(["customers", "invoices", "both"]);
/** What a run or a schedule is about: also the driver feed of a record type that the host defined. */
export const anyData = cleanText(100).meta({
  description: "`both`, or the driver feed of a record type: `customers`, `invoices`, or one of the host's.",
});
export const mode = z.enum(["incremental", "full"]);
export const runType = z.enum(["manual", "scheduled"]);
export const runStatus = z.enum([
  "queued",
  "running",
  "lost",
  "completed",
  "partial",
  "failed",
  "cancelled",
  "paused",
]);
const rangeField = z.enum(["modified", "created", "invoiced"]);

const feedFigures = z
  .object({
    pages: count,
    read: count,
    landed: count,
    unchanged: count,
    superseded: count,
    suppressed: count,
    rejected: count,
  })
  .meta({ id: "FeedFigures" });

const recordFigures = z
  .object({
    derived: count,
    delivered: count,
    removed: count,
    unchanged: count,
    leftOut: count,
    rejected: count,
    warned: count,
    counts: z
      .record(z.string(), count)
      .optional()
      .meta({ description: "Findings in the records: `warned:<rule>`, `empty:<column>`." }),
  })
  .meta({ id: "RecordFigures" });

export const runWarning = z
  .object({ code: z.string(), message: z.string(), count: count.nullable() })
  .meta({ id: "RunWarning" });

export const runWorker = z
  .object({ id: z.string(), host: z.string(), pid: count, version: z.string() })
  .meta({ id: "RunWorker", description: "The process that works on the sync, or did." });

const runFailure = z
  .object({ code: z.string(), message: z.string(), hint: z.string().nullable() })
  .meta({ id: "RunFailure" });

export const figures = { feed: feedFigures, record: recordFigures, failure: runFailure };

const record = z.record(z.string(), z.unknown());

const diff = z
  .object({
    insert: count,
    update: count,
    unchanged: count,
    remove: count,
    reject: count,
    samples: z.array(
      z.object({
        record: z.string(),
        key: z.string(),
        operation: z.enum(["insert", "update", "remove", "reject"]),
        before: record.nullable(),
        after: record.nullable(),
        changed: z.array(z.string()),
        rules: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: "DryRunDiff", description: "The changes that the run would have made. Personal data." });

export const run = z
  .object({
    id,
    credentialId: id,
    companyId: z.string(),
    environment,
    tenantId: z.string(),
    type: runType,
    data: anyData,
    mode,
    fresh: z.boolean(),
    rederive: z.boolean(),
    replay: z.boolean().meta({ description: "Whether rejections were replayed." }),
    from: z.string().nullable(),
    to: z.string().nullable(),
    by: rangeField.nullable(),
    status: runStatus,
    startedAt: time,
    updatedAt: time,
    completedAt: time.nullable(),
    durationMs: z.number().min(0),
    processed: count.meta({ description: "Derived records." }),
    successful: count.meta({ description: "Delivered records, including removals." }),
    failed: count.meta({ description: "Rejected records, and rejected rows of feeds." }),
    unchanged: count.meta({ description: "Equal to what was delivered before." }),
    feeds: z.record(z.string(), feedFigures),
    records: z.record(z.string(), recordFigures),
    warnings: z.array(runWarning),
    error: runFailure.nullable(),
    handedOver: count.meta({
      description: "How often a process that was shut down handed the run over to another one.",
    }),
    worker: runWorker.nullable(),
    dryRun: z.boolean(),
    diff: diff.nullable().meta({ description: "For a dry run that has ended; admins only." }),
  })
  .meta({ id: "Run" });

export type RunBody = z.infer<typeof run>;

export const runPage = pageOf(run).meta({ id: "RunPage" });

const runFilter = {
  type: runType.optional(),
  data: anyData.optional(),
  from: instant.optional().meta({ description: "Runs started at or after this date or instant, UTC." }),
  to: instant.optional().meta({ description: "Started before." }),
};

export const historyQuery = z.strictObject({ status: runStatus.optional(), ...runFilter, ...paging });
export const metricsQuery = z.strictObject({
  ...runFilter,
  from: runFilter.from.meta({
    description: "Runs started at or after this time; by default 30 days before the end.",
  }),
  to: runFilter.to.meta({ description: "Runs started before this time; by default now." }),
});

const rangeEdge = z.union([z.iso.date(), z.iso.datetime({ offset: true })], {
  error: "expected a date (2026-01-31) or an instant (2026-01-31T08:00:00Z)",
});

export const trigger = z
  .strictObject({
    data: data.default("both"),
    mode: mode.default("incremental"),
    fresh: z.boolean().default(false).meta({ description: "Include the most recent changes." }),
    rederive: z.boolean().default(false).meta({ description: "Derive every record again from stored data." }),
    from: rangeEdge.optional().meta({ description: "Inclusive." }),
    to: rangeEdge.optional().meta({ description: "Exclusive." }),
    by: rangeField.optional(),
    allowRemovals: z.boolean().default(false),
    dryRun: z.boolean().default(false).meta({
      description: "Only find out what the run would change. This process keeps the result for 15 minutes.",
    }),
  })
  .prefault({})
  .meta({ id: "SyncTrigger" });

export const triggered = z
  .object({
    runId: id,
    status: z.enum(["queued", "running"]),
    url: z.string().meta({ description: "The URL of the run, as in the Location header." }),
    eventsUrl: z.string(),
  })
  .meta({ id: "TriggeredSync" });

export const syncStatus = z
  .object({
    credentialId: id,
    current: run.nullable().meta({ description: "Running, paused or queued." }),
    last: run.nullable(),
    lastCompleted: run.nullable(),
  })
  .meta({ id: "SyncStatus" });

export const metrics = z
  .object({
    credentialId: id,
    from: time,
    to: time,
    runs: count,
    successRate: z.number().min(0).max(1).nullable(),
    p50DurationMs: z.number().nullable(),
    p95DurationMs: z.number().nullable(),
    rowsPerSecond: z.number().nullable(),
  })
  .meta({ id: "SyncMetrics" });

export const cancelled = z
  .object({
    runId: id,
    outcome: z.enum(["cancelled", "requested"]).meta({
      description:
        "`cancelled`: the sync has stopped. `requested`: another process runs it and was asked to stop; it stops " +
        "within seconds. Its events and status show when.",
    }),
  })
  .meta({ id: "CancelledSync" });
