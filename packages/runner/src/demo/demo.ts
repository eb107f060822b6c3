import { type Command, Option } from "commander";
import { wholeNumber } from "../program/arguments.js";
import type { Perform } from "../program/register.js";
import { type DemoFlags, runDemo } from "./run-demo.js";

export function registerDemo(program: Command, perform: Perform): void {
  program
    .command("demo")
    .description("sync a simulated ServiceTitan on this machine")
    .addOption(
      new Option("--customers <n>", "number of simulated customers")
        .argParser(wholeNumber(1, 1_000_000))
        .default(10_000),
    )
    .addOption(
      new Option("--invoices <n>", "number of simulated invoices")
        .argParser(wholeNumber(1, 5_000_000))
        .default(25_000),
    )
    .addOption(
      new Option("--seed <n>", "seed of the data: the same seed gives the same data")
        .argParser(wholeNumber(0, 1_000_000_000))
        .default(1),
    )
    .option("--keep <directory>", "create this data directory and keep it")
    .action((flags: DemoFlags) => perform((context) => runDemo(context, flags)));
}
