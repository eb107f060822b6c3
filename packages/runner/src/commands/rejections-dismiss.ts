import { confirm, isCancel } from "@clack/prompts";
import { AbortedError, eachItem, type StoredRejection, type TitanSync } from "@titan-sync/core";
import type { Command } from "commander";
import { withTitan } from "../database/with-titan.js";
import { countOf } from "../output/format.js";
import { writeJson, writeLine } from "../output/write.js";
import { type CommandContext, type GlobalFlags, isTerminal } from "../program/context.js";
import { type ExitCode, exitCodes } from "../program/exit-codes.js";
import type { Perform } from "../program/register.js";
import { UsageError } from "../program/usage-error.js";
import { addRejectionOptions, type RejectionFlags, rejectionFilterOf } from "./rejection-filter.js";

interface RejectionsDismissFlags extends RejectionFlags {
  readonly all?: boolean | undefined;
  readonly reason?: string | undefined;
  readonly yes?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Rejections that are closed at once. */
const chunk = 1000;

export function registerRejectionsDismiss(rejections: Command, perform: Perform): void {
  addRejectionOptions(
    rejections
      .command("dismiss")
      .description(
        "close rejections that will never be fixed; deletes the only copy of a row that did not land",
      )
      .argument("[ids...]", "ids of rejections, from `rejections list --json`"),
  )
    .option("--all", "all rejections that the other options select")
    .option("--reason <text>", "reason for the audit log; no personal data")
    .option("--yes", "do not ask for confirmation")
    .option("--json", "print one JSON document")
    .action((ids: readonly string[], flags: RejectionsDismissFlags) =>
      perform((context, globals) => runRejectionsDismiss(context, globals, ids, flags)),
    );
}

/** Exits 1 when one of the ids is not there. */
export async function runRejectionsDismiss(
  context: CommandContext,
  globals: GlobalFlags,
  ids: readonly string[],
  flags: RejectionsDismissFlags,
): Promise<ExitCode> {
  if (ids.length > 0 === (flags.all === true)) {
    throw new UsageError("No rejections were selected.", "Pass their ids, or --all.");
  }
  return withTitan(
    context,
    globals,
    async ({ titan, signal, note }) => {
      const { chosen, unknown } = await choose(titan.rejections, ids, flags, signal);
      for (const id of unknown) note(`There is no rejection ${id} among the selected ones.`);
      if (chosen.length > 0 && flags.yes !== true) await requireConsent(context, chosen.length);
      const dismissed = await dismiss(titan.rejections, chosen, flags.reason, signal);
      if (flags.json === true) await writeJson(context.stdout, { dismissed, unknown });
      else await writeLine(context.stdout, `Dismissed ${countOf(dismissed.length, "rejection")}.`);
      return unknown.length === 0 ? exitCodes.success : exitCodes.failure;
    },
    { writes: true },
  );
}

type Chosen = Pick<StoredRejection, "id" | "scope">;

/** Only ids and credentials: there may be very many. */
async function choose(
  rejections: Pick<TitanSync["rejections"], "list">,
  ids: readonly string[],
  flags: RejectionsDismissFlags,
  signal: AbortSignal,
): Promise<{ readonly chosen: readonly Chosen[]; readonly unknown: readonly string[] }> {
  const wanted = new Set(ids);
  const chosen: Chosen[] = [];
  for await (const { id, scope } of eachItem((page) => rejections.list(rejectionFilterOf(flags), page), {
    signal,
  })) {
    if (flags.all !== true && !wanted.delete(id)) continue;
    chosen.push({ id, scope });
    if (flags.all !== true && wanted.size === 0) break;
  }
  return { chosen, unknown: [...wanted] };
}

async function dismiss(
  rejections: Pick<TitanSync["rejections"], "dismiss">,
  chosen: readonly Chosen[],
  reason: string | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const dismissed: string[] = [];
  const byCompany = Map.groupBy(chosen, ({ scope }) => scope.companyId);
  for (const [companyId, own] of byCompany) {
    for (let start = 0; start < own.length; start += chunk) {
      signal.throwIfAborted();
      const ids = own.slice(start, start + chunk).map(({ id }) => id);
      const closed = await rejections.dismiss({ companyId, ids, reason, actor: "cli" });
      dismissed.push(...closed.map(({ id }) => id));
    }
  }
  return dismissed;
}

/** @throws {@link AbortedError} when the user declines; {@link UsageError} when nobody can be asked. */
async function requireConsent(context: CommandContext, count: number): Promise<void> {
  if (!isTerminal(context.stdin) || !isTerminal(context.stderr)) {
    throw new UsageError(
      "Dismissing rejections needs confirmation, and there is no terminal to ask on.",
      "Pass --yes.",
    );
  }
  const answer = await confirm({
    message: `Dismiss ${countOf(count, "rejection")}, with the rows that did not land?`,
    initialValue: false,
    input: context.stdin,
    output: context.stderr,
    signal: context.signal,
  });
  if (isCancel(answer) || !answer) throw new AbortedError("Nothing was dismissed.");
}
