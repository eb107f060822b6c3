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
    .addOption(new Option("--limit <n>", "at most so many items").argParser(wholeNumber(1, 100)).default(50))
    .option("--cursor <cursor>", 'go on where a page ended: its "next"')
    .option("--json", "print one JSON document");
}
