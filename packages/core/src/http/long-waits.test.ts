import { expect, it } from "vitest";
import { createFakeClock } from "../__fixtures__/fake-clock.js";
import { type ApiWait, createLongWaits } from "./long-waits.js";

it("reports a long wait once for all waiting calls, and again when it ends or grows", async () => {
  const clock = createFakeClock();
  const start = clock.now();
  const told: ApiWait[] = [];
  const note = createLongWaits(clock, (wait) => told.push(wait));
  const waitFor = (seconds: number, reason: ApiWait["reason"] = "throttled") =>
    note({ until: start + seconds * 1000, reason });

  waitFor(10);
  waitFor(20);
  waitFor(21);
  waitFor(20, "circuit-open");
  waitFor(40);
  await clock.advance(45_000);
  waitFor(60);

  expect(told.map(({ until, reason }) => [(until - start) / 1000, reason])).toEqual([
    [20, "throttled"],
    [20, "circuit-open"],
    [40, "throttled"],
    [60, "throttled"],
  ]);
});
