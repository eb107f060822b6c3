import {
  AbortedError,
  ConfigError,
  ConflictError,
  InvalidCredentialsError,
  StorageError,
  ValidationError,
} from "@titan-sync/core";
import { describe, expect, it } from "vitest";
import { combineExitCodes, exitCodeOfError, exitCodeOfStatus } from "./exit-codes.js";
import { UsageError } from "./usage-error.js";

describe("the exit code of a run", () => {
  it.each([
    ["completed", 0],
    ["paused", 0],
    ["partial", 3],
    ["failed", 1],
    ["cancelled", 130],
  ] as const)("%s is %i", (status, code) => {
    expect(exitCodeOfStatus(status)).toBe(code);
  });
});

describe("the exit code of several runs", () => {
  it("is the common one if all agree", () => {
    expect(combineExitCodes([0, 0])).toBe(0);
    expect(combineExitCodes([1, 1])).toBe(1);
    expect(combineExitCodes([3])).toBe(3);
  });

  it("is 3 if they differ", () => {
    expect(combineExitCodes([0, 1])).toBe(3);
  });

  it("is 130 if any was stopped", () => {
    expect(combineExitCodes([0, 130, 1])).toBe(130);
  });
});

describe("the exit code of an error", () => {
  it.each([
    ["a wrong command line", new UsageError("x"), 2],
    ["a wrong configuration", new ConfigError("x"), 2],
    ["unusable values", new ValidationError("x"), 2],
    ["refused credentials", new InvalidCredentialsError("x"), 1],
    ["a run that is alive", new ConflictError("x"), 1],
    ["a broken database", new StorageError("x"), 1],
    ["an interruption", new AbortedError("x"), 130],
    ["a surprise", new Error("x"), 1],
  ])("%s gives its own", (_, error, code) => {
    expect(exitCodeOfError(error)).toBe(code);
  });
});
