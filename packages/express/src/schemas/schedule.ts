import { z } from "zod";
import { cleanText, companyId, count, environment, id, time } from "./common.js";
import { anyData, data } from "./run.js";

const given = {
  cron: cleanText(100).nullable().optional().meta({
    description:
      "Minute, hour, day of the month, month, day of the week; or @hourly, @daily, @weekly, @monthly. Either this or `every`.",
    example: "30 2 * * 1-5",
  }),
  every: cleanText(20).nullable().optional().meta({
    description: "How long it is from one start to the next, from 1m to 31d. Either this or `cron`.",
    example: "15m",
  }),
  timeZone: cleanText(100).optional().meta({
    description:
      "IANA name of the time zone of `cron`, `window` and `quietDays`. The company's unless given. Abbreviations and offsets are refused.",
    example: "America/Chicago",
  }),
  window: cleanText(20).nullable().optional().meta({
    description: "The part of the day in which syncs may start; it may span midnight.",
    example: "22:00-05:00",
  }),
  quietDays: z
    .array(z.iso.date())
    .max(400)
    .default([])
    .meta({ description: "Days on which no sync starts." }),
  data: data.default("both"),
  fullEvery: cleanText(20).nullable().default("7d").meta({
    description: "How old the last full pass is when a start runs another one, from 1h to 366d; null: never.",
  }),
  enabled: z.boolean().default(true).meta({ description: "A disabled schedule keeps its settings." }),
};

export const scheduleInput = z.strictObject(given).meta({ id: "ScheduleInput" });

export const scheduleChanges = z
  .strictObject({
    companyId: companyId.optional().meta({ description: "Only this company's credentials." }),
    environment: environment.optional(),
    changes: z
      .strictObject({
        cron: given.cron,
        every: given.every,
        timeZone: given.timeZone,
        window: given.window,
        quietDays: z.array(z.iso.date()).max(400).optional(),
        data: data.optional(),
        fullEvery: cleanText(20).nullable().optional(),
        enabled: z.boolean().optional(),
      })
      .meta({
        description:
          "What changes; everything else stays as each schedule has it. With `cron` or `every`, credentials without a schedule get one.",
      }),
    dryRun: z.boolean().default(false).meta({ description: "Only count what would change." }),
  })
  .meta({ id: "ScheduleChanges" });

export const scheduleChangesResult = z
  .object({
    dryRun: z.boolean(),
    selected: count,
    created: count.meta({ description: "Had no schedule." }),
    changed: count,
    unchanged: count.meta({ description: "Have this schedule already." }),
    withoutSchedule: count.meta({ description: "Have none, and the changes do not say when to start." }),
    changedMeanwhile: count.meta({
      description: "Somebody else changed them at the same time; those changes stand.",
    }),
  })
  .meta({ id: "ScheduleChangesResult" });

export const schedule = z
  .object({
    credentialId: id,
    companyId: z.string(),
    cron: z.string().optional().meta({ description: "Absent from a schedule with `every`." }),
    every: z.string().optional().meta({ description: "Absent from a schedule with `cron`." }),
    timeZone: z.string(),
    window: z.string().nullable(),
    quietDays: z.array(z.iso.date()),
    data: anyData,
    fullEvery: z.string().nullable(),
    enabled: z.boolean(),
    nextNominalAt: time.nullable().meta({ description: "The next start without its jitter." }),
    nextRunAt: time.nullable(),
    next: z.array(time).max(5).meta({ description: "The next five starts, jitter included." }),
    jitterMs: z.int().min(0).nullable().meta({
      description:
        "How long after its nominal times a sync starts, the same each time; null for a schedule that cannot be read.",
    }),
    problem: z.object({ message: z.string(), hint: z.string() }).nullable().meta({
      description:
        "Why the schedule cannot be read and starts nothing, such as an unknown time zone, and what to do.",
    }),
    revision: z.int().min(1),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: "Schedule" });

export const scheduleProposal = z
  .object({ cron: z.string(), timeZone: z.string(), data: anyData, fullEvery: z.string() })
  .meta({ id: "ScheduleProposal" });
