import { describeTwoOwners } from "../testing/describe-two-owners.js";
import { manualClock } from "../testing/manual-clock.js";
import { memoryStorage } from "./memory-storage.js";

describeTwoOwners({
  name: "memory storage",
  setup() {
    const clock = manualClock();
    return { storage: memoryStorage({ clock }), passTime: (ms) => clock.advance(ms) };
  },
});
