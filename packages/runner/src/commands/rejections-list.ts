import { isoTime, type StoredRejection } from "@titan-sync/core";
import type { Command } from "commander";
import { withTitan } from "../database/with-titan.js";
import { type ListLayout, printList } from "../output/print-list.js";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import { type ExitCode, exitCodes } from "../program/exit-codes.js";
import type { Perform } from "../program/register.js";
import { addPageOptions, type PageFlags } from "./page-options.js";
import { addRejectionOptions, type RejectionFlags, rejectionFilterOf } from "./rejection-filter.js";

interface RejectionsListFlags extends PageFlags, RejectionFlags {}

const layout: ListLayout<ReturnType<typeof rejectionDocument>> = {
  empty: "No rejections.",
  columns: [
    ["feed", (rejection) => rejection.feed],
    ["id", (rejection) => rejection.entityId],
    ["company", (rejection) => rejection.companyId],
    ["stage", (rejection) => rejection.stage],
    ["rules", (rejection) => rejection.rules.join(", ")],
    ["last seen", (rejection) => rejection.lastSeenAt],
    ["message", (rejection) => rejection.message],
  ],
};

export function registerRejectionsList(rejections: Command, perform: Perform): void {
  addPageOptions(
    addRejectionOptions(
      rejections.command("list").description("list rejections with their reasons, most recently seen first"),
    ),
  ).action((flags: RejectionsListFlags) =>
    perform((context, globals) => runRejectionsList(context, globals, flags)),
  );
}

export async function runRejectionsList(
  context: CommandContext,
  globals: GlobalFlags,
  flags: RejectionsListFlags,
): Promise<ExitCode> {
  return withTitan(context, globals, async ({ titan }) => {
    const { items, next } = await titan.rejections.list(rejectionFilterOf(flags), {
      limit: flags.limit,
      cursor: flags.cursor,
    });
    const page = { items: items.map(rejectionDocument), next };
    await printList(context.stdout, page, layout, flags.json === true);
    return exitCodes.success;
  });
}

/** The payload stays where it is: it holds names, phones and addresses. */
export function rejectionDocument(rejection: StoredRejection) {
  const { companyId, environment, tenantId } = rejection.scope;
  return {
    id: rejection.id,
    companyId,
    environment,
    tenantId,
    feed: rejection.feed,
    entityId: rejection.entityId,
    stage: rejection.stage,
    rules: rejection.rules,
    message: rejection.message,
    runId: rejection.runId,
    firstSeenAt: isoTime(rejection.firstSeenAt),
    lastSeenAt: isoTime(rejection.lastSeenAt),
    timesSeen: rejection.timesSeen,
  };
}
