import { z } from "zod";
import { ValidationError } from "../errors.js";
import type { Schedule } from "../ports/schedule-store.js";
import type { SyncData } from "../ports/sync-run.js";
import { dataSchema, type RecordCatalog } from "../records/definitions/catalog.js";
import { isTimeZone, readCron } from "./next-run.js";

/** When to sync a credential automatically. */
export interface ScheduleInput {
  /** Minute, hour, day of the month, month, day of the week; or `@hourly`, `@daily`, `@weekly`, `@monthly`. */
  readonly cron: string;
  /** IANA name of the time zone of `cron` and `quietDays`. @defaultValue "UTC" */
  readonly timeZone?: string | undefined;
  /** @defaultValue "both" */
  readonly data?: SyncData | undefined;
  /** Dates, `YYYY-MM-DD`, on which no sync starts. @defaultValue [] */
  readonly quietDays?: readonly string[] | undefined;
  /** @defaultValue true */
  readonly enabled?: boolean | undefined;
}

const nicknames: Readonly<Record<string, string>> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
};

const inputSchema = z.strictObject({
  cron: z
    .string()
    .transform((text) => nicknames[text.trim()] ?? text.trim().replaceAll(/\s+/g, " "))
    .refine(isCron, "expected five fields: minute, hour, day of the month, month, day of the week"),
  timeZone: z.string().refine(isTimeZone, "expected the IANA name of a time zone").default("UTC"),
  // What there is to choose from is the instance's.
  data: z.string(),
  quietDays: z.array(z.iso.date("expected dates such as 2026-12-25")).max(400).default([]),
  enabled: z.boolean().default(true),
});

/** @throws {@link ValidationError} with every mistake at once in `issues`. */
export function checkScheduleInput(
  catalog: Pick<RecordCatalog, "drivers">,
  input: ScheduleInput,
): Omit<Schedule, "credentialId" | "nextRunAt"> {
  const parsed = inputSchema.extend({ data: dataSchema(catalog) }).safeParse(input);
  if (parsed.success) return { ...parsed.data, quietDays: [...new Set(parsed.data.quietDays)].sort() };
  const issues = parsed.error.issues.map(
    (issue) => `${issue.path.join(".") || "schedule"}: ${issue.message}`,
  );
  throw new ValidationError(`Invalid schedule: ${issues.join("; ")}.`, issues);
}

function isCron(text: string): boolean {
  try {
    readCron(text, "UTC");
    return true;
  } catch {
    return false;
  }
}
