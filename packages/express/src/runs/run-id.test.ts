import { expect, it } from "vitest";
import { runIdOfKey } from "./run-id.js";

it("returns the same id for the same key in every process, and another one for anything else", () => {
  const id = runIdOfKey("credential", "ann", "key");
  expect(id).toBe("564ff85f-68bb-863e-86a2-ab424629f156");
  expect(runIdOfKey("credential", "ann", "key")).toBe(id);
  const others = [
    runIdOfKey("credential", "ann", "key2"),
    runIdOfKey("credential", "bob", "key"),
    runIdOfKey("credential2", "ann", "key"),
    runIdOfKey('credential","ann', "", "key"),
  ];
  expect(new Set([id, ...others]).size).toBe(5);
});

it("looks like an id of any other run", () => {
  for (const key of ["a", "b", "c", "d", "e", "f"]) {
    expect(runIdOfKey("credential", "ann", key)).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  }
});
