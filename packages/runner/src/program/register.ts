import type { CommandContext, GlobalFlags } from "./context.js";
import type { ExitCode } from "./exit-codes.js";

/** What a command does: it gets the world and answers with the exit code. */
export type Action = (context: CommandContext, flags: GlobalFlags) => Promise<ExitCode>;

/** Runs a command's action and keeps its exit code for the program. */
export type Perform = (action: Action) => Promise<void>;
