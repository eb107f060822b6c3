import { format, inspect } from "node:util";
import { expect, it } from "vitest";
import { Secret } from "./secret.js";

const secret = new Secret("kanari");

it("returns its value on request", () => {
  expect(secret.reveal()).toBe("kanari");
});

it.each([
  ["a template", () => `${secret}`],
  ["concatenation", () => `${String(secret)}`],
  ["JSON", () => JSON.stringify({ secret })],
  ["inspect", () => inspect({ secret }, { depth: 9, showHidden: true, customInspect: true })],
  ["format", () => format("%s %o %j", secret, secret, secret)],
  ["its keys", () => JSON.stringify([Object.entries(secret), Object.getOwnPropertyNames(secret)])],
  ["a spread", () => JSON.stringify({ ...secret })],
])("shows nothing of it in %s", (_, print) => {
  expect(print()).not.toContain("kanari");
});

it("says that something is hidden", () => {
  expect([`${secret}`, JSON.stringify(secret), inspect(secret)]).toEqual([
    "[redacted]",
    '"[redacted]"',
    "[redacted]",
  ]);
});
