import { interruptionCode } from "./run.mjs";

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {() => Promise<StepResult>} perform A rejection counts as a failure.
 */

/**
 * @typedef {object} StepResult
 * @property {boolean} passed
 * @property {string} [note] A word or two for the step's line.
 * @property {string} [output] Printed when the step failed.
 */

/**
 * @typedef {object} StepsOptions
 * @property {(text: string) => void} [print]
 * @property {() => number} [now] Milliseconds of any clock.
 */

/**
 * Performs steps one after the other, and prints one line for each when it ends, so that rows of steps that run at
 * once do not mix their output. A step that failed shows its output below its line. After an interruption no further
 * step begins.
 *
 * @param {readonly Step[]} steps
 * @param {StepsOptions} [options]
 * @returns {Promise<string[]>} Names of the steps that failed.
 */
export async function performSteps(steps, options = {}) {
  const { print = printLine, now = () => performance.now() } = options;
  /** @type {string[]} */
  const failed = [];
  for (const step of steps) {
    if (interruptionCode() !== null) break;
    const startedAt = now();
    const result = await step.perform().catch(failure);
    print(stepLine(step.name, result, now() - startedAt));
    if (result.passed) continue;
    failed.push(step.name);
    if (result.output) print(`${result.output.trimEnd()}\n`);
  }
  return failed;
}

/**
 * @param {string} name
 * @param {StepResult} result
 * @param {number} durationMs
 * @returns {string}
 */
function stepLine(name, { passed, note }, durationMs) {
  const seconds = `${(durationMs / 1000).toFixed(1)} s`.padStart(8);
  return `${passed ? "✓" : "✗"} ${name.padEnd(44)}${seconds}${note ? `  ${note}` : ""}`;
}

/**
 * @param {unknown} error
 * @returns {StepResult}
 */
function failure(error) {
  return { passed: false, output: error instanceof Error ? error.message : String(error) };
}

/** @param {string} text */
function printLine(text) {
  process.stdout.write(`${text}\n`);
}
