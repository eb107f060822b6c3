import type { RunLedger, TenantOutcome } from "@titan-sync/core";
import { expect, it } from "vitest";
import { summariseOutcomes } from "./sync-outcome.js";

function outcome(status: TenantOutcome["status"], read: number | null = 1000) {
  const ledger = {
    feeds: { customers: { read } },
    records: {},
    successful: 600,
    failed: 1,
  } as unknown as RunLedger;
  return { status, result: read === null ? null : { ledger } } as TenantOutcome;
}

it("sums up a sync of many credentials, the most frequent outcome first", () => {
  const statuses = ["failed", "completed", "partial", "completed", "completed", "partial"] as const;
  expect(summariseOutcomes(statuses.map((status) => outcome(status)))).toBe(
    "6 credentials: 3 completed, 2 partial, 1 failed. 6,000 rows read; 3,600 records delivered, 6 rejected",
  );
});

it("tells what was not begun from what was canceled", () => {
  expect(
    summariseOutcomes([
      outcome("cancelled", null),
      outcome("cancelled"),
      outcome("paused", null),
      outcome("failed", null),
    ]),
  ).toBe(
    "4 credentials: 2 not begun, 1 cancelled, 1 failed. 1,000 rows read; 600 records delivered, 1 rejected",
  );
  expect(summariseOutcomes([])).toBe("0 credentials: nothing was synced.");
});
