import { type Command, Option } from "commander";
import { wholeNumber } from "../program/arguments.js";

/** Which part of a list is asked for. */
export interface PageFlags {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly json?: boolean | undefined;
}

/** Adds `--limit`, `--cursor` and `--json`, which all lists share. */
export function addPageOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--limit <n>", "maximum number of items").argParser(wholeNumber(1, 100)).default(50),
    )
    .option("--cursor <cursor>", 'continue after a page: its "next"')
    .option("--json", "print one JSON document");
}
