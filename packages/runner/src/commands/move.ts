import type { Command } from "commander";
import type { MoveFlags } from "../move/run-move.js";
import type { Perform } from "../program/register.js";

export function registerMove(program: Command, perform: Perform): void {
  program
    .command("move")
    .description("move everything from the embedded database to PostgreSQL; may be stopped and repeated")
    .requiredOption("--to <database-url>", "the address of an empty PostgreSQL database")
    .option("--json", "print one JSON document")
    .action((flags: MoveFlags) =>
      perform(async (context, globals) => {
        // It loads both databases, which no other command needs.
        const { runMove } = await import("../move/run-move.js");
        return await runMove(context, globals, flags);
      }),
    );
}
