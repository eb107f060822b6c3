import { expect, it } from "vitest";
import { maskSecret } from "./mask.js";

it.each([
  ["cid.abcdefghijklmnopk3f9", "cid.…k3f9"],
  ["cs2.abcdefghijklmnopqrstk3f9", "cs2.…k3f9"],
  ["ak1.abcdefghijklmnopk3f9", "ak1.…k3f9"],
  ["no-prefix-but-long-enough", "…ough"],
])("shows kind and end of %j", (value, masked) => {
  expect(maskSecret(value)).toBe(masked);
});

it.each(["", "short", "cs1.fifteen-letters", "fifteen-letters"])("shows nothing of the short %j", (value) => {
  expect(maskSecret(value)).toBe("…");
});
