import { isoTime, type StoredAlert } from "@titan-sync/core";
import type { Command } from "commander";
import { withTitan } from "../../database/with-titan.js";
import { type ListLayout, printList } from "../../output/print-list.js";
import { writeJson } from "../../output/write.js";
import type { CommandContext, GlobalFlags } from "../../program/context.js";
import { type ExitCode, exitCodes } from "../../program/exit-codes.js";
import type { Perform } from "../../program/register.js";
import { addPageOptions, type PageFlags } from "../page-options.js";

export function registerAlertsList(alerts: Command, perform: Perform): void {
  addPageOptions(
    alerts.command("list").description("list alerts: pending, firing, and recovered in the last day"),
  ).action((flags: PageFlags) => perform((context, globals) => runAlertsList(context, globals, flags)));
}

export async function runAlertsList(
  context: CommandContext,
  globals: GlobalFlags,
  flags: PageFlags,
): Promise<ExitCode> {
  return withTitan(context, globals, async ({ database }) => {
    const page = await database.storage().listAlerts({}, { limit: flags.limit, cursor: flags.cursor });
    if (flags.json === true) {
      await writeJson(context.stdout, { items: page.items.map(alertDocument), next: page.next });
    } else await printList(context.stdout, page, layout, false);
    return exitCodes.success;
  });
}

const layout: ListLayout<StoredAlert> = {
  empty: "No alerts.",
  columns: [
    ["kind", ({ kind }) => kind],
    ["company", ({ companyId }) => companyId ?? "-"],
    ["subject", ({ subject }) => subject],
    ["state", ({ state }) => state],
    ["severity", ({ severity }) => severity],
    ["since", ({ since }) => isoTime(since)],
  ],
};

/** An alert as JSON documents show it. */
export function alertDocument(alert: StoredAlert) {
  const { kind, subject, companyId, state, severity, cause, since, recoveredAt, incidentId, figures } = alert;
  return {
    ...{ kind, subject, companyId, state, severity, cause },
    since: isoTime(since),
    recoveredAt: isoTime(recoveredAt),
    ...{ incidentId, figures },
  };
}
