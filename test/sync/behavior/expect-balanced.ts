import type { RunResult } from "@titan-sync/core";
import { expect } from "vitest";

/** `read = landed + unchanged + superseded + suppressed + rejected`, and likewise for records. */
export function expectBalanced({ ledger }: RunResult): void {
  for (const figures of Object.values(ledger.feeds)) {
    const { landed, unchanged, superseded, suppressed, rejected } = figures;
    expect(figures.read).toBe(landed + unchanged + superseded + suppressed + rejected);
  }
  for (const figures of Object.values(ledger.records)) {
    expect(figures.derived).toBe(figures.delivered + figures.unchanged + figures.leftOut + figures.rejected);
  }
}
