import { z } from "zod";
import { invalid } from "../check-request.js";
import type { Schedule } from "../ports/schedule-store.js";
import type { SyncData } from "../ports/sync-run.js";
import { dataSchema, type RecordCatalog } from "../records/definitions/catalog.js";
import { cronExpected, readCron } from "./cron-times.js";
import { readDuration } from "./duration-text.js";
import { isRegionTimeZone } from "./region-time-zone.js";
import { readWindow } from "./start-window.js";

/** When to sync a credential automatically: exactly one of `cron` and `every` says so. */
export interface ScheduleInput {
  /** Minute, hour, day of the month, month, day of the week; or `@hourly`, `@daily`, `@weekly`, `@monthly`. */
  readonly cron?: string | null | undefined;
  /** How long it is from one start to the next: `15m`, `6h`, from `1m` to `31d`. */
  readonly every?: string | null | undefined;
  /**
   * IANA name of the time zone of `cron`, `window` and `quietDays`, such as `America/Chicago`. Abbreviations and offsets
   * are refused: clocks that are put forward and back have to be followed.
   * @defaultValue the company's time zone at the time of saving, or "UTC"
   */
  readonly timeZone?: string | undefined;
  /** The part of the day in which syncs may start, such as `22:00-05:00`. @defaultValue the whole day */
  readonly window?: string | null | undefined;
  /** Dates, `YYYY-MM-DD`, on which no sync starts. @defaultValue [] */
  readonly quietDays?: readonly string[] | undefined;
  /** @defaultValue "both" */
  readonly data?: SyncData | undefined;
  /** How old the last full pass is when a start runs another one, from `1h` to `366d`; `null`: never. @defaultValue "7d" */
  readonly fullEvery?: string | null | undefined;
  /** @defaultValue true */
  readonly enabled?: boolean | undefined;
}

/** What a person can say of a schedule, checked and with its defaults. */
export type CheckedSchedule = Omit<Schedule, "credentialId" | "nextNominalAt" | "nextRunAt" | "decidedUntil">;

export interface ScheduleCheck {
  readonly catalog: Pick<RecordCatalog, "drivers">;
  /** For a schedule that names no time zone. */
  readonly companyTimeZone: string;
}

const nicknames: Readonly<Record<string, string>> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
};

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const durationSchema = (least: number, most: number, expected: string) =>
  z
    .string()
    .trim()
    .refine((text) => {
      const milliseconds = readDuration(text);
      return milliseconds !== null && milliseconds >= least && milliseconds <= most;
    }, expected);

const inputSchema = z.strictObject({
  cron: z
    .string()
    .transform((text) => nicknames[text.trim()] ?? text.trim().replaceAll(/\s+/g, " "))
    .superRefine((text, { addIssue }) => {
      const mistake = mistakeOf(text);
      if (mistake !== null) addIssue({ code: "custom", message: mistake });
    })
    .nullable()
    .default(null),
  every: durationSchema(hourMs / 60, 31 * dayMs, "expected a duration from 1m to 31d, such as 15m or 6h")
    .nullable()
    .default(null),
  timeZone: z
    .string()
    .refine(
      isRegionTimeZone,
      "expected the IANA name of a region such as America/Chicago, or UTC; not an abbreviation or an offset",
    ),
  window: z
    .string()
    .trim()
    .refine((text) => readWindow(text) !== null, "expected two different times of day such as 22:00-05:00")
    .nullable()
    .default(null),
  quietDays: z.array(z.iso.date("expected dates such as 2026-12-25")).max(400).default([]),
  // What there is to choose from is the instance's.
  data: z.string(),
  fullEvery: durationSchema(hourMs, 366 * dayMs, "expected a duration from 1h to 366d, such as 7d, or null")
    .nullable()
    .default("7d"),
  enabled: z.boolean().default(true),
});

/** @throws `ValidationError` with every mistake at once in `issues`. */
export function checkScheduleInput(
  { catalog, companyTimeZone }: ScheduleCheck,
  input: ScheduleInput,
): CheckedSchedule {
  const parsed = inputSchema
    .extend({ data: dataSchema(catalog), timeZone: inputSchema.shape.timeZone.default(companyTimeZone) })
    .safeParse(input);
  const issues = (parsed.error?.issues ?? []).map(({ path, message }) =>
    path[0] === "timeZone" && input.timeZone === undefined
      ? `timeZone: the company's, ${companyTimeZone}, is not that of a region; ${message}`
      : `${path.join(".") || "schedule"}: ${message}`,
  );
  const given = [input.cron, input.every].filter((times) => times !== undefined && times !== null).length;
  if (given !== 1) issues.unshift("cron, every: expected exactly one of the two");
  if (issues.length > 0 || !parsed.success) throw invalid("schedule", issues);
  return { ...parsed.data, quietDays: [...new Set(parsed.data.quietDays)].sort() };
}

function mistakeOf(cron: string): string | null {
  try {
    return readCron(cron).next(0) === null ? "it never comes: no month has these days" : null;
  } catch {
    return cronExpected;
  }
}
