import { describe, expect, it } from "vitest";
import { manualClock } from "./manual-clock.js";

describe("manual clock", () => {
  it("does not advance until it is told to", () => {
    const clock = manualClock(1000);
    expect(clock.now()).toBe(1000);
    clock.advance(5);
    expect(clock.now()).toBe(1005);
  });

  it("wakes sleepers when their time has come", async () => {
    const clock = manualClock();
    const woken: string[] = [];
    const short = clock.sleep(10).then(() => woken.push("short"));
    const long = clock.sleep(20).then(() => woken.push("long"));
    await clock.sleep(0);
    clock.advance(9);
    await Promise.resolve();
    expect(woken).toEqual([]);
    clock.advance(1);
    await short;
    expect(woken).toEqual(["short"]);
    clock.advance(100);
    await long;
    expect(woken).toEqual(["short", "long"]);
  });

  it("wakes aborted sleepers with the signal's reason", async () => {
    const clock = manualClock();
    const controller = new AbortController();
    const reason = new Error("stopped");
    const sleeping = clock.sleep(10, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await expect(clock.sleep(10, controller.signal)).rejects.toBe(reason);
  });
});
