import { z } from "zod";
import { count, id, time } from "./common.js";
import { anyData, figures, mode, runStatus, runWarning } from "./run.js";

const base = { runId: id, credentialId: id, companyId: z.string(), at: time };
const throughput = {
  rowsPerSecond: z.number().nullable(),
  total: z.number().nullable(),
  secondsLeft: z.number().nullable(),
};
const feed = z.string();

/** What the `data` of a server-sent event holds; its `event` is the event's name. */
export const syncEvent = z
  .discriminatedUnion("event", [
    z.object({
      ...base,
      event: z.literal("run:start"),
      data: anyData,
      mode,
      resumed: z.boolean(),
      dryRun: z.boolean(),
      rederive: z.boolean(),
      replay: z.boolean(),
    }),
    z.object({ ...base, event: z.literal("feed:start"), feed }),
    z.object({ ...base, ...throughput, event: z.literal("page:read"), feed, rows: count }),
    z.object({
      ...base,
      event: z.literal("schema:drift"),
      feed,
      unknown: z.array(z.string()),
      missing: z.array(z.string()),
    }),
    z.object({ ...base, ...throughput, event: z.literal("batch:landed"), feed, figures: figures.feed }),
    z.object({
      ...base,
      event: z.literal("feed:end"),
      feed,
      outcome: z.enum(["drained", "degraded", "failed"]),
      figures: figures.feed,
    }),
    z.object({
      ...base,
      ...throughput,
      event: z.literal("batch:delivered"),
      record: z.string(),
      figures: figures.record,
    }),
    z.object({
      ...base,
      event: z.literal("run:wait"),
      until: time,
      reason: z.enum(["throttled", "circuit-open"]),
    }),
    z.object({ ...base, event: z.literal("run:warning"), warning: runWarning }),
    z.object({
      ...base,
      event: z.literal("run:end"),
      status: runStatus,
      processed: count,
      successful: count,
      failed: count,
      unchanged: count,
      durationMs: z.number().min(0),
      warnings: z.array(runWarning),
      error: figures.failure.nullable(),
    }),
  ])
  .meta({ id: "SyncEvent" });
