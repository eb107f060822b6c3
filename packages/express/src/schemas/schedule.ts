import { z } from "zod";
import { cleanText, id, time } from "./common.js";
import { anyData, data } from "./run.js";

const given = {
  cron: cleanText(100).meta({
    description:
      "Minute, hour, day of the month, month, day of the week; or @hourly, @daily, @weekly, @monthly.",
    example: "30 2 * * 1-5",
  }),
  timeZone: cleanText(100).default("UTC").meta({
    description: "IANA name of the time zone of `cron` and `quietDays`.",
    example: "America/Chicago",
  }),
  data: data.default("both"),
  quietDays: z
    .array(z.iso.date())
    .max(400)
    .default([])
    .meta({ description: "Days on which no sync starts." }),
  enabled: z.boolean().default(true).meta({ description: "A disabled schedule keeps its settings." }),
};

export const scheduleInput = z.strictObject(given).meta({ id: "ScheduleInput" });

export const schedule = z
  .object({
    credentialId: id,
    companyId: z.string(),
    cron: z.string(),
    timeZone: z.string(),
    data: anyData,
    quietDays: z.array(z.iso.date()),
    enabled: z.boolean(),
    nextRunAt: time.nullable(),
    revision: z.int().min(1),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: "Schedule" });
