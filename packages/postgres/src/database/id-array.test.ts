import { describe, expect, it } from "vitest";
import { idArray } from "./id-array.js";

describe("an array of ids", () => {
  it("is written the way PostgreSQL reads it", () => {
    expect(idArray([])).toBe("{}");
    expect(idArray(["1", null, "9223372036854775807"])).toBe("{1,NULL,9223372036854775807}");
  });

  it.each(["", "a", "1 ", "-1", "1,", "{1}", "1.5", "NULL1"])("refuses %j", (text) => {
    expect(() => idArray(["1", text, "2"])).toThrow("should be an id");
    expect(() => idArray([text])).toThrow("should be an id");
  });
});
