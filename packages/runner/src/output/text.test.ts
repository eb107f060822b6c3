import { describe, expect, it } from "vitest";
import { countOf, formatDuration, rate } from "./format.js";
import { formatTable } from "./table.js";

describe("a table", () => {
  it("has columns as wide as their widest cell", () => {
    expect(
      formatTable(
        ["id", "name"],
        [
          ["1", "Jane"],
          ["22", "Al"],
        ],
      ),
    ).toBe("id  name\n1   Jane\n22  Al");
  });

  it("keeps each row on one line", () => {
    expect(formatTable(["text"], [["one\ntwo three four"]], { maxCellWidth: 9 })).toBe("text\none two …");
  });
});

describe("figures for people", () => {
  it.each([
    [0, "0.0 s"],
    [420, "0.4 s"],
    [59_949, "59.9 s"],
    [59_990, "1 min 0 s"],
    [250_000, "4 min 10 s"],
  ])("prints %i milliseconds as %s", (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });

  it("use singular and plural correctly", () => {
    expect(countOf(1, "row")).toBe("1 row");
    expect(countOf(25_000, "entity", "entities")).toBe("25,000 entities");
  });

  it("have no rate without elapsed time", () => {
    expect(rate(500, 2_000)).toBe(250);
    expect(rate(500, 0)).toBeNull();
  });
});
