import type { StoredStart } from "@titan-sync/core";
import type { Command } from "commander";
import { withTitan } from "../../database/with-titan.js";
import { formatDuration } from "../../output/format.js";
import { type ListLayout, printList } from "../../output/print-list.js";
import { startDocument } from "../../output/start-document.js";
import { writeJson } from "../../output/write.js";
import { formatInZone } from "../../output/zone-time.js";
import type { CommandContext, GlobalFlags } from "../../program/context.js";
import { type ExitCode, exitCodes } from "../../program/exit-codes.js";
import type { Perform } from "../../program/register.js";
import { addPageOptions, type PageFlags } from "../page-options.js";
import { requireCredential } from "../select-credentials.js";

interface ScheduleStartsFlags extends PageFlags {
  readonly credential: string;
}

export function registerScheduleStarts(schedule: Command, perform: Perform): void {
  addPageOptions(
    schedule
      .command("starts")
      .description("show the outcome of each scheduled start of the last 14 days, newest first")
      .requiredOption("--credential <id>", "the credential"),
  ).action((flags: ScheduleStartsFlags) =>
    perform((context, globals) => runScheduleStarts(context, globals, flags)),
  );
}

export async function runScheduleStarts(
  context: CommandContext,
  globals: GlobalFlags,
  flags: ScheduleStartsFlags,
): Promise<ExitCode> {
  return withTitan(context, globals, async ({ titan, database }) => {
    const { id: credentialId } = await requireCredential(titan.credentials, flags.credential);
    const page = await database
      .storage()
      .listStarts({ credentialId }, { limit: flags.limit, cursor: flags.cursor });
    if (flags.json === true) {
      await writeJson(context.stdout, { items: page.items.map(startDocument), next: page.next });
    } else {
      const schedule = await titan.schedules.find(credentialId);
      await printList(context.stdout, page, layoutIn(schedule?.timeZone ?? "UTC"), false);
    }
    return exitCodes.success;
  });
}

const layoutIn = (timeZone: string): ListLayout<StoredStart> => ({
  empty: "No scheduled start has come yet.",
  columns: [
    [`start (${timeZone})`, (start) => describeInstants(start, timeZone)],
    ["outcome", describeOutcome],
    ["late by", describeDelay],
    ["run", ({ runId }) => runId ?? "-"],
  ],
});

function describeInstants({ nominalAt, lastNominalAt, count }: StoredStart, timeZone: string): string {
  const first = formatInZone(nominalAt, timeZone);
  return count === 1 ? first : `${first} to ${formatInZone(lastNominalAt, timeZone)}`;
}

/** `queued`, `14 missed`, `skipped: overlap`. */
function describeOutcome({ outcome, reason, count }: StoredStart): string {
  const counted = count === 1 ? outcome : `${count} ${outcome}`;
  return reason === null ? counted : `${counted}: ${reason}`;
}

/** How much later than planned, jitter included, a sync was queued. */
function describeDelay({ outcome, runAt, decidedAt }: StoredStart): string {
  if (outcome !== "queued" && outcome !== "delayed") return "-";
  return formatDuration(Math.max(0, decidedAt - runAt));
}
