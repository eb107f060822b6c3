import type { ScheduleInput, SyncData } from "@titan-sync/core";
import { type Command, Option } from "commander";

/** What can be said of a schedule on the command line. */
export interface ScheduleFlags {
  readonly cron?: string | undefined;
  readonly every?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly window?: string | undefined;
  readonly quietDays?: readonly string[] | undefined;
  readonly data?: SyncData | undefined;
  readonly fullEvery?: string | undefined;
  readonly enabled?: boolean | undefined;
  readonly disabled?: boolean | undefined;
}

export function addScheduleOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--cron <fields>",
        'minute, hour, day of the month, month, day of the week, as in "30 2 * * *"; or @daily',
      ).conflicts("every"),
    )
    .option("--every <duration>", "time from one start to the next, from 1m to 31d")
    .option("--time-zone <zone>", "IANA time zone of the times above and below (default: the company's)")
    .option("--window <from-to>", "start only in this part of the day, as in 22:00-05:00")
    .option("--quiet-days <dates>", "start nothing on these dates: 2026-12-25,2027-01-01", splitList)
    .addOption(
      new Option("--data <data>", "what to sync (default: both)").choices(["customers", "invoices", "both"]),
    )
    .option(
      "--full-every <duration>",
      "age of the last full pass that makes a start a full one, or never (default: 7d)",
    )
    .addOption(new Option("--enabled", "let it start runs (default)").conflicts("disabled"))
    .option("--disabled", "keep the settings, start nothing");
}

/** What the flags say; what they do not say is left out. */
export function scheduleInputOf(flags: ScheduleFlags): ScheduleInput {
  const { cron, every, timeZone, window, quietDays, data, fullEvery } = flags;
  return {
    ...(cron !== undefined && { cron }),
    ...(every !== undefined && { every }),
    ...(timeZone !== undefined && { timeZone }),
    ...(window !== undefined && { window: window === "none" ? null : window }),
    ...(quietDays !== undefined && { quietDays }),
    ...(data !== undefined && { data }),
    ...(fullEvery !== undefined && { fullEvery: fullEvery === "never" ? null : fullEvery }),
    ...(flags.enabled === true && { enabled: true }),
    ...(flags.disabled === true && { enabled: false }),
  };
}

function splitList(text: string): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "" && part !== "none");
}
