import { expect, it } from "vitest";
import { createCapturingLogger } from "../__fixtures__/capturing-logger.js";
import type { Logger } from "../ports/logger.js";
import { harmlessLogger } from "./harmless-logger.js";

const levels = ["debug", "info", "warn", "error"] as const;

it("passes every line on", () => {
  const inner = createCapturingLogger();
  const logger = harmlessLogger(inner);
  for (const level of levels) logger[level]({ level }, `a line of ${level}`);

  expect(inner.lines).toEqual(
    levels.map((level) => ({ level, fields: { level }, message: `a line of ${level}` })),
  );
});

it("throws nothing, now or later", async () => {
  const throwing = (): never => {
    throw new Error("the disk is full");
  };
  const rejecting = async (): Promise<void> => {
    throw new Error("the disk is full");
  };
  const inner: Logger = { debug: throwing, info: rejecting, warn: throwing, error: rejecting };
  const logger = harmlessLogger(inner);

  for (const level of levels) expect(() => logger[level]({}, "a line")).not.toThrow();
  // A rejection that nobody hears would end the test run.
  await new Promise((resolve) => setImmediate(resolve));
});
