import { expect, it } from "vitest";
import { runOwnRecords } from "../../examples/own-records/src/run-own-records.js";

it("the example with its own record type delivers, removes, rejects, warns and erases estimates", async () => {
  const lines: string[] = [];
  const estimates = await runOwnRecords((line) => lines.push(line));
  expect(lines.filter((line) => !line.startsWith("  "))).toEqual([
    "connected: connected",
    "completed: estimates: 3 delivered, 0 of them removals, 1 rejected",
    "completed: estimates: 2 delivered, 1 of them removals, 0 rejected",
    expect.stringMatching(/^erased: \d+ records, 0 remain$/),
    "completed: estimates: 0 delivered, 0 of them removals, 0 rejected",
  ]);
  expect(lines.join("\n")).toContain('RULE_WARNED (1): Records that break the rule "sold-without-value"');
  expect([...estimates]).toEqual([
    ["1", expect.objectContaining({ name: "New furnace", subtotal: "4200.5" })],
  ]);
});
