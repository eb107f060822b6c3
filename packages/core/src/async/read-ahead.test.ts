import { expect, test } from "vitest";
import { readAhead } from "./read-ahead.js";

async function* count(to: number, log: string[]): AsyncGenerator<number, void, undefined> {
  try {
    for (let number = 1; number <= to; number += 1) {
      log.push(`made ${number}`);
      yield number;
    }
  } finally {
    log.push("closed");
  }
}

test("prepares one item, never two, while the previous one is in use", async () => {
  const log: string[] = [];
  for await (const number of readAhead(count(3, log))) log.push(`used ${number}`);
  expect(log).toEqual(["made 1", "made 2", "used 1", "made 3", "used 2", "closed", "used 3"]);
});

test("prepares as many items ahead as requested", async () => {
  const log: string[] = [];
  for await (const number of readAhead(count(4, log), 2)) {
    // What is ahead is made in turns of its own.
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    log.push(`used ${number}`);
  }
  expect(log.indexOf("made 3")).toBeLessThan(log.indexOf("used 1"));
  expect(log.indexOf("made 4")).toBeGreaterThan(log.indexOf("used 1"));
  expect(log.at(-1)).toBe("used 4");
});

test("reports a failure in its place, after the items before it", async () => {
  async function* failing() {
    yield 1;
    throw new Error("cut");
  }
  const used: number[] = [];
  const reading = (async () => {
    for await (const number of readAhead(failing())) used.push(number);
  })();
  await expect(reading).rejects.toThrow("cut");
  expect(used).toEqual([1]);
});

test("closes the source when the reader stops early", async () => {
  const log: string[] = [];
  for await (const number of readAhead(count(9, log))) if (number === 2) break;
  expect(log.at(-1)).toBe("closed");
  expect(log).toHaveLength(4);
});
