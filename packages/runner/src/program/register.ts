import type { CommandContext, GlobalFlags } from "./context.js";
import type { ExitCode } from "./exit-codes.js";

/** What a command does: it gets the world and answers with the exit code. */
export type Action = (context: CommandContext, flags: GlobalFlags) => Promise<ExitCode>;

export interface PerformOptions {
  /** Whether the command runs until it is stopped: a signal is then how it ends, and no interruption. */
  readonly isService?: boolean | undefined;
}

/** Runs a command's action and keeps its exit code for the program. */
export type Perform = (action: Action, options?: PerformOptions) => Promise<void>;
