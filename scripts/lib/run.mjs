import { spawn } from "node:child_process";
import { constants } from "node:os";
import { delimiter } from "node:path";
import { inWorkspace, workspaceRoot } from "./workspace.mjs";

/**
 * @typedef {object} RunOptions
 * @property {"inherit" | "capture"} [output] Where the program's output goes. `inherit` by default.
 * @property {"inherit" | "ignore"} [input] Where its input comes from. `ignore` by default.
 * @property {Readonly<Record<string, string>>} [environment] Variables besides this process's own.
 * @property {number} [limitMs] After this long the program is stopped, in milliseconds. No limit by default.
 * @property {boolean} [shell] Whether the command is looked up by a shell. `false` by default.
 */

/**
 * @typedef {object} RunResult
 * @property {number} exitCode 128 plus the signal's number when a signal ended the program.
 * @property {string} output Both output streams in the order of arrival; empty when they were inherited.
 */

/** @type {readonly NodeJS.Signals[]} */
const forwardedSignals = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Time for a program to end gracefully after it was asked to. */
const graceMs = 10_000;

/** @type {NodeJS.Signals | null} */
let receivedSignal = null;

/**
 * The exit code that a stopped script owes its caller; `null` while nobody stopped it.
 *
 * @returns {number | null}
 */
export function interruptionCode() {
  return receivedSignal === null ? null : 128 + constants.signals[receivedSignal];
}

/**
 * Runs a program in the checkout, with the workspace's tools first on its path, until it has ended.
 * Signals that this process receives meanwhile reach the program, and this process outlives it.
 *
 * @param {string} command
 * @param {readonly string[]} parameters
 * @param {RunOptions} [options]
 * @returns {Promise<RunResult>} Rejects when the program cannot be started.
 */
export function run(command, parameters, options = {}) {
  const { output = "inherit", input = "ignore", environment = {}, limitMs, shell = false } = options;
  const outputStream = output === "inherit" ? "inherit" : "pipe";

  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, {
      cwd: workspaceRoot,
      env: { ...process.env, ...environment, ...toolPath() },
      shell,
      stdio: [input, outputStream, outputStream],
    });
    const stopForwarding = forwardSignals(child);
    const stopLimit = limitMs === undefined ? () => undefined : limitTime(child, limitMs);
    const release = () => {
      stopForwarding();
      stopLimit();
    };

    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout?.on("data", (chunk) => chunks.push(chunk));
    child.stderr?.on("data", (chunk) => chunks.push(chunk));
    child.once("error", (error) => {
      release();
      reject(error);
    });
    child.once("close", (code, signal) => {
      release();
      const exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal];
      resolve({ exitCode, output: Buffer.concat(chunks).toString("utf8") });
    });
  });
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @returns {() => void} Ends the forwarding.
 */
function forwardSignals(child) {
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => {
    receivedSignal ??= signal;
    // A terminal has already sent its interrupt to every process of the group; a second one would
    // tell the program to give up its orderly end.
    const sentByTerminal = signal === "SIGINT" && process.stdin.isTTY === true;
    if (!sentByTerminal) child.kill(signal);
  };
  for (const signal of forwardedSignals) process.on(signal, forward);
  return () => {
    for (const signal of forwardedSignals) process.off(signal, forward);
  };
}

/**
 * Stops a program that takes too long: first gracefully, then by force.
 *
 * @param {import("node:child_process").ChildProcess} child
 * @param {number} limitMs
 * @returns {() => void} Lifts the limit.
 */
function limitTime(child, limitMs) {
  const polite = setTimeout(() => child.kill("SIGTERM"), limitMs);
  const final = setTimeout(() => child.kill("SIGKILL"), limitMs + graceMs);
  return () => {
    clearTimeout(polite);
    clearTimeout(final);
  };
}

/** @returns {Record<string, string>} */
function toolPath() {
  // Windows spells the variable `Path`, and two spellings of it must not meet in one environment.
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === "PATH") ?? "PATH";
  return { [name]: [inWorkspace("node_modules/.bin"), process.env[name] ?? ""].join(delimiter) };
}
