import { CommanderError } from "commander";
import { buildProgram } from "./program/build-program.js";
import type { CommandContext, GlobalFlags } from "./program/context.js";
import { type ExitCode, exitCodeOfError, exitCodes } from "./program/exit-codes.js";
import type { Perform } from "./program/register.js";
import { reportError } from "./program/report-error.js";

export interface RunTitanSyncOptions extends Omit<CommandContext, "signal"> {
  /** Without the names of the runtime and the program. */
  readonly argv: readonly string[];
  /** Stops the command, which then cleans up and ends with exit code 130. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs one command of the program.
 *
 * @returns the exit code: 0 success, 1 failure, 2 bad usage or configuration, 3 partial, 130 stopped. Never
 * rejects for what goes wrong in a command: that is reported on `stderr`.
 * @example
 * const exitCode = await runTitanSync({
 *   argv: ["sync", "--all", "--data", "both"],
 *   environment: process.env,
 *   workingDirectory: process.cwd(),
 *   stdin: process.stdin,
 *   stdout: process.stdout,
 *   stderr: process.stderr,
 * });
 */
export async function runTitanSync(options: RunTitanSyncOptions): Promise<ExitCode> {
  const { argv, signal = new AbortController().signal, ...streams } = options;
  const context: CommandContext = { ...streams, signal };
  let exitCode: ExitCode = exitCodes.success;
  let isService = false;
  const perform: Perform = async (action, options) => {
    isService = options?.isService ?? false;
    exitCode = await action(context, program.opts<GlobalFlags>());
  };
  const program = buildProgram(context, perform);
  try {
    await program.parseAsync([...argv], { from: "user" });
    return signal.aborted && !isService ? exitCodes.interrupted : exitCode;
  } catch (error) {
    // The parser has reported the error, or printed the requested help.
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? exitCodes.success : exitCodes.usage;
    }
    if (signal.aborted && !isService) return exitCodes.interrupted;
    await reportError(error, context.stderr);
    return exitCodeOfError(error);
  }
}
