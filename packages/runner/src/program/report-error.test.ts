import { ConfigError } from "@titan-sync/core";
import { describe, expect, it } from "vitest";
import { textStream } from "../__fixtures__/text-stream.js";
import { reportError, withoutPasswords } from "./report-error.js";
import { UsageError } from "./usage-error.js";

describe("an error on standard error", () => {
  it("is one line with a hint for what the user can change", async () => {
    const stderr = textStream();
    await reportError(new UsageError("There is no such thing.", "Take another."), stderr);
    expect(stderr.text()).toBe("titan-sync: There is no such thing.\n  hint: Take another.\n");
  });

  it("has no stack if the library knows it", async () => {
    const stderr = textStream();
    await reportError(new ConfigError("Wrong."), stderr);
    expect(stderr.text()).toBe("titan-sync: Wrong.\n");
  });

  it("is reported as unexpected, with its stack", async () => {
    const stderr = textStream();
    await reportError(new TypeError("x is not a function"), stderr);
    expect(stderr.text()).toContain("unexpected error: TypeError: x is not a function");
    expect(stderr.text()).toContain("report-error.test");
  });

  it("never shows the password in an address", () => {
    expect(withoutPasswords("connect postgres://app:s3cret@db:5432/titan failed")).toBe(
      "connect postgres://app:…@db:5432/titan failed",
    );
  });
});
