import { resolve } from "node:path";
import type { Discrepancy, Environment, RecordType } from "@titan-sync/core";
import { writeFileAtomically } from "@titan-sync/core/support";
import { Argument, type Command, Option } from "commander";
import { stringify } from "csv-stringify/sync";
import { withTitan } from "../database/with-titan.js";
import { formatCount } from "../output/format.js";
import { write, writeJson, writeLine } from "../output/write.js";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import { type ExitCode, exitCodes } from "../program/exit-codes.js";
import type { Perform } from "../program/register.js";
import { type ReconcileOptions, type Reconciliation, reconcile } from "../reconcile/reconcile.js";
import { reportRows } from "../reconcile/report-rows.js";

interface ReconcileFlags {
  readonly company: string;
  readonly environment?: Environment | undefined;
  readonly report: string;
  readonly out?: string | undefined;
  readonly json?: boolean | undefined;
}

const recordOf = { members: "member", invoices: "invoice" } as const satisfies Record<string, RecordType>;

export function registerReconcile(program: Command, perform: Perform): void {
  program
    .command("reconcile")
    .description("compare the current records with a manually exported report")
    .addArgument(new Argument("<data>", "which records").choices(["members", "invoices"]))
    .requiredOption("--company <id>", "the report's company")
    .addOption(
      new Option("--environment <environment>", "filter by environment").choices([
        "integration",
        "production",
      ]),
    )
    .requiredOption("--report <file>", "the report: .csv or .xlsx, with a header row")
    .option("--out <file>", "write all discrepancies to this CSV file, which will contain customers' data")
    .option("--json", "print one JSON document")
    .action((data: keyof typeof recordOf, flags: ReconcileFlags) =>
      perform((context, globals) => runReconcile(context, globals, data, flags)),
    );
}

/** Exits 0 when both agree in everything, and 3 when they do not. */
export async function runReconcile(
  context: CommandContext,
  globals: GlobalFlags,
  data: keyof typeof recordOf,
  flags: ReconcileFlags,
): Promise<ExitCode> {
  return withTitan(context, globals, async ({ titan, signal, note }) => {
    const isSuppressed = await titan.suppressions.matcher({
      companyId: flags.company,
      environment: flags.environment,
    });
    const compare = (onDiscrepancy: ReconcileOptions["onDiscrepancy"]): Promise<Reconciliation> =>
      reconcile({
        records: titan.records,
        record: recordOf[data],
        companyId: flags.company,
        environment: flags.environment,
        isSuppressed,
        report: reportRows(resolve(context.workingDirectory, flags.report)),
        signal,
        onDiscrepancy,
      });
    const result = await (flags.out === undefined
      ? compare(async () => undefined)
      : compareInto(resolve(context.workingDirectory, flags.out), compare, note));
    const { differing, onlyHere, onlyThere } = result;
    if (flags.json === true) await writeJson(context.stdout, { data, companyId: flags.company, ...result });
    else await writeLine(context.stdout, summarise(data, result));
    return differing + onlyHere + onlyThere === 0 ? exitCodes.success : exitCodes.partial;
  });
}

async function compareInto(
  path: string,
  compare: (onDiscrepancy: ReconcileOptions["onDiscrepancy"]) => Promise<Reconciliation>,
  note: (text: string) => void,
): Promise<Reconciliation> {
  const results: Reconciliation[] = [];
  await writeFileAtomically(path, async (stream) => {
    await write(stream, lines([["key", "kind", "column", "here", "there"]]));
    results.push(await compare((discrepancy) => write(stream, lines(rowsOf(discrepancy)))));
  });
  note(`Discrepancies written to ${path}`);
  const [result] = results;
  if (result === undefined) throw new Error("The comparison ended without a result.");
  return result;
}

/** One line for each column that differs, one for each row that is missing. */
function rowsOf(discrepancy: Discrepancy): readonly (readonly (string | null)[])[] {
  const { key, kind } = discrepancy;
  if (discrepancy.kind !== "differs") return [[key, kind, null, null, null]];
  const { columns, here, there } = discrepancy;
  return columns.map((column) => [key, kind, column, here[column] ?? null, there[column] ?? null]);
}

/** People open this in a spreadsheet: it must not contain formulas. */
function lines(rows: readonly (readonly (string | null)[])[]): string {
  return stringify(
    rows.map((row) => [...row]),
    { record_delimiter: "windows", escape_formulas: true },
  );
}

function summarise(data: string, result: Reconciliation): string {
  const {
    matched,
    differing,
    onlyHere,
    onlyThere,
    suppressed,
    withoutKey,
    sums,
    differences,
    unknownHeaders,
  } = result;
  const columns = Object.entries(differences)
    .sort(([, one], [, other]) => other - one)
    .map(([column, count]) => `${column} ${formatCount(count)}`);
  return [
    `${data}: ${formatCount(matched)} equal, ${formatCount(differing)} different, ` +
      `${formatCount(onlyHere)} only here, ${formatCount(onlyThere)} only in the report`,
    ...(columns.length === 0 ? [] : [`different in: ${columns.join(", ")}`]),
    ...(sums === null ? [] : [`sum of totals: ${sums.here} here, ${sums.there} in the report`]),
    `compared: ${result.columns.join(", ")}`,
    ...(unknownHeaders.length === 0 ? [] : [`not compared: ${unknownHeaders.join(", ")}`]),
    ...(suppressed === 0
      ? []
      : [`report rows of erased customers, excluded and not compared: ${formatCount(suppressed)}`]),
    ...(withoutKey === 0 ? [] : [`report rows without a key, not compared: ${formatCount(withoutKey)}`]),
  ].join("\n");
}
