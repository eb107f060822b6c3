import { expect, it } from "vitest";
import { runHostQueue } from "../../examples/host-queue/src/run-host-queue.js";

it("the example with its own queue engine repeats nothing, hands over, rests and cancels", async () => {
  const lines: string[] = [];
  await runHostQueue((line) => lines.push(line));
  expect(lines).toEqual([
    "first: queued",
    "first: paused, handed over: 1",
    "first: completed, handed over: 1",
    "first again: it is first, 0 requests",
    "second: paused, handed over: 0",
    "third: true",
    "third: cancelled, handed over: 0",
    "second: false",
    "second: cancelled, handed over: 0",
  ]);
});
