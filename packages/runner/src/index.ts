export type { CommandContext } from "./program/context.js";
export type { ExitCode } from "./program/exit-codes.js";
export { exitCodes } from "./program/exit-codes.js";
export type { RunTitanSyncOptions } from "./run-titan-sync.js";
export { runTitanSync } from "./run-titan-sync.js";
