import { describe, expect, it } from "vitest";
import { parseWithRows } from "../json/parse-with-rows.js";
import * as envelopes from "./envelopes.js";

const content = (body: unknown) => parseWithRows(Buffer.from(JSON.stringify(body)), "data");
const parseExport = (body: unknown, path: string) => envelopes.parseExport(content(body), path);
const parseList = (body: unknown, path: string) => envelopes.parseList(content(body), path);

describe("parseExport", () => {
  it("refused null for the rows of an empty last page", () => {
    const body = { hasMore: false, continueFrom: "a", data: null };
    expect(parseExport(body, "p")).toEqual({ hasMore: false, continueFrom: "a", rows: [] });
    expect(() => parseExport({ ...body, hasMore: true }, "p")).toThrow("data not as documented");
  });

  it("stored an empty token, which requests the beginning", () => {
    for (const continueFrom of ["", " ", null, undefined]) {
      expect(parseExport({ hasMore: false, continueFrom, data: [] }, "p").continueFrom).toBeNull();
    }
  });

  it.each([null, [], "text", {}, { hasMore: false }, { hasMore: false, data: {} }, { data: [] }])(
    "refuses %j",
    (body) => {
      expect(() => parseExport(body, "p")).toThrow("not as documented");
    },
  );
});

describe("parseList", () => {
  it("refused null for the rows of an empty last page", () => {
    const body = { hasMore: false, page: 1, totalCount: 0, data: null };
    expect(parseList(body, "p")).toEqual({ hasMore: false, page: 1, totalCount: 0, rows: [] });
    expect(() => parseList({ ...body, hasMore: true }, "p")).toThrow("data not as documented");
  });
});
