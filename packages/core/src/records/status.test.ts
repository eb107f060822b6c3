import { describe, expect, it } from "vitest";
import { activeMember, foldStatus } from "./status.js";

describe("foldStatus", () => {
  it.each([
    ["Active", ["active", "current", "enabled", "good", "ACTIVE", "Good"]],
    ["Inactive", ["inactive", "disabled", "deactivated", "suspended", "Suspended"]],
    ["Pending", ["pending", "new", "New"]],
    ["Expired", ["Expired"]],
    ["canceled", ["canceled"]],
    ["constructor", ["constructor"]],
  ])("returns %s for %j", (folded, statuses) => {
    for (const status of statuses) expect(foldStatus(status)).toBe(folded);
  });
});

describe("activeMember", () => {
  it.each([
    ["Active", "Yes"],
    ["ACTIVE", "Yes"],
    ["Inactive", null],
    ["Pending", null],
    [null, null],
  ])("of %s is %s", (status, expected) => {
    expect(activeMember(status)).toBe(expected);
  });
});
