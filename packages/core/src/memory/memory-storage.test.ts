import { describeStorage } from "../testing/describe-storage.js";
import { manualClock } from "../testing/manual-clock.js";
import { memoryStorage } from "./memory-storage.js";

describeStorage({
  name: "memory storage",
  setup() {
    const clock = manualClock();
    return {
      storage: memoryStorage({ clock }),
      passTime: clock.advance,
    };
  },
});
