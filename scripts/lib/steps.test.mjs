import { expect, it } from "vitest";
import { performSteps } from "./steps.mjs";

const passing = async () => ({ passed: true });

/** @param {readonly import("./steps.mjs").Step[]} steps */
async function perform(steps) {
  /** @type {string[]} */
  const printed = [];
  const failed = await performSteps(steps, { print: (text) => printed.push(text), now: () => 0 });
  return { failed, printed };
}

it("prints a line for each step that passed, without its output", async () => {
  const { failed, printed } = await perform([
    { name: "First", perform: passing },
    { name: "Second", perform: async () => ({ passed: true, note: "quick", output: "chatter" }) },
  ]);
  expect(failed).toEqual([]);
  expect(printed).toEqual([
    expect.stringMatching(/^✓ First +0\.0 s$/),
    expect.stringMatching(/^✓ Second +0\.0 s {2}quick$/),
  ]);
});

it("shows the output of a failed step, and continues with the next", async () => {
  const { failed, printed } = await perform([
    { name: "Broken", perform: async () => ({ passed: false, output: "line 3: no\n\n" }) },
    { name: "Sound", perform: passing },
  ]);
  expect(failed).toEqual(["Broken"]);
  expect(printed).toEqual([
    expect.stringMatching(/^✗ Broken/),
    "line 3: no\n",
    expect.stringMatching(/^✓ Sound/),
  ]);
});

it("counts a step that throws as failed", async () => {
  const { failed, printed } = await perform([
    { name: "Missing", perform: () => Promise.reject(new Error("not installed")) },
  ]);
  expect(failed).toEqual(["Missing"]);
  expect(printed[1]).toContain("not installed");
});

it("begins no step before the one before has ended", async () => {
  let running = 0;
  let most = 0;
  const step = {
    name: "Step",
    perform: async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return { passed: true };
    },
  };
  await perform([step, step, step]);
  expect(most).toBe(1);
});
