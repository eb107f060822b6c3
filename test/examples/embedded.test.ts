import { expect, it } from "vitest";
import { runEmbedded } from "../../examples/embedded/src/run-embedded.js";

it("the embedded example delivers everything first, and then what changed", async () => {
  const lines: string[] = [];
  const pipeline = await runEmbedded((line) => lines.push(line));
  expect(lines[0]).toMatch(/^connected: connected, client id cid\.…/);
  expect(lines[1]).toMatch(/^completed: [1-9]\d* delivered, 0 unchanged/);
  expect(lines.at(-1)).toMatch(/^completed: \d+ delivered/);
  const delivered = (line = ""): number => Number(/: (\d+) delivered/.exec(line)?.[1]);
  expect(delivered(lines.at(-1))).toBeLessThan(delivered(lines[1]) / 2);
  expect(pipeline.members.size).toBeGreaterThan(0);
  expect(pipeline.invoices.size).toBeGreaterThan(0);
});
