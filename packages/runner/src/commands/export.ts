import { resolve } from "node:path";
import type { Writable } from "node:stream";
import {
  type Environment,
  type ExportedRecord,
  eachPage,
  type KnownRecordType,
  type TitanSync,
} from "@titan-sync/core";
import { writeFileAtomically } from "@titan-sync/core/support";
import { Argument, type Command, Option } from "commander";
import { withTitan } from "../database/with-titan.js";
import { countOf } from "../output/format.js";
import { write } from "../output/write.js";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import { type ExitCode, exitCodes } from "../program/exit-codes.js";
import type { Perform } from "../program/register.js";
import { findAddedColumns } from "./added-columns.js";
import { type RowFormatName, rowFormat } from "./record-rows.js";

export interface ExportFlags {
  readonly company?: string | undefined;
  readonly environment?: Environment | undefined;
  readonly format: RowFormatName;
  readonly out?: string | undefined;
}

/** Records in memory at once. */
const pageSize = 1000;

const recordOf = { members: "member", invoices: "invoice" } as const satisfies Record<
  string,
  KnownRecordType
>;
type ExportedData = keyof typeof recordOf;

export function registerExport(program: Command, perform: Perform): void {
  program
    .command("export")
    .description("write the current records, without removed ones")
    .addArgument(new Argument("<data>", "which records").choices(["members", "invoices"]))
    .option("--company <id>", "filter by company")
    .addOption(
      new Option("--environment <environment>", "filter by environment").choices([
        "integration",
        "production",
      ]),
    )
    .addOption(new Option("--format <format>", "how").choices(["csv", "jsonl"]).default("csv"))
    .option("--out <file>", "output file instead of standard output; created when complete")
    .action((data: ExportedData, flags: ExportFlags) =>
      perform((context, globals) => runExport(context, globals, data, flags)),
    );
}

/**
 * Writes what was last delivered of each record, ordered by tenant and ServiceTitan id. Columns that mappings have
 * added stand behind `source_id`, by name.
 */
export async function runExport(
  context: CommandContext,
  globals: GlobalFlags,
  data: ExportedData,
  flags: ExportFlags,
): Promise<ExitCode> {
  return withTitan(context, globals, async ({ titan, signal, note }) => {
    const exportTo = (stream: Writable): Promise<number> =>
      exportRecords(titan.records, recordOf[data], flags, stream, signal);
    if (flags.out === undefined) {
      await exportTo(context.stdout);
      return exitCodes.success;
    }
    const path = resolve(context.workingDirectory, flags.out);
    let count = 0;
    await writeFileAtomically(path, async (stream) => {
      count = await exportTo(stream);
    });
    note(`${countOf(count, "record")} written to ${path}`);
    return exitCodes.success;
  });
}

/** @returns how many records were written. */
export async function exportRecords(
  current: TitanSync["records"],
  record: KnownRecordType,
  { company, environment, format }: Pick<ExportFlags, "company" | "environment" | "format">,
  stream: Writable,
  signal: AbortSignal,
): Promise<number> {
  const pages = (): AsyncGenerator<readonly ExportedRecord[]> =>
    eachPage((page) => current.list({ record, companyId: company, environment }, page), { pageSize, signal });
  // The header names every column before the first record: the records are read once to find them.
  const added = format === "csv" ? await findAddedColumns(pages(), record) : [];
  const { header, rows } = rowFormat(format, record, added);
  if (header !== null) await write(stream, header);
  let count = 0;
  for await (const records of pages()) {
    await write(stream, rows(records));
    count += records.length;
  }
  return count;
}
