import { expect, it } from "vitest";
import { summariseOutcomes } from "./sync-outcome.js";

it("sums up a sync of many credentials, the most frequent status first", () => {
  const statuses = ["failed", "completed", "partial", "completed", "completed", "partial"] as const;
  expect(summariseOutcomes(statuses.map((status) => ({ status })))).toBe(
    "6 credentials: 3 completed, 2 partial, 1 failed",
  );
});
