import { describe, it } from "vitest";
import { manualClock } from "../testing/manual-clock.js";
import { checkTwoOwners } from "./__fixtures__/two-owners.js";
import { memoryStorage } from "./memory-storage.js";

describe("two workers that believe they own the same run", () => {
  it("never write under a stale lease, and lose no change, however their steps interleave", async () => {
    await checkTwoOwners({
      open: () => {
        const clock = manualClock();
        return { storage: memoryStorage({ clock }), passTime: (ms) => clock.advance(ms), driftMs: 0 };
      },
      runs: 300,
      steps: 60,
    });
  });
});
