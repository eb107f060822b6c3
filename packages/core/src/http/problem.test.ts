import { describe, expect, it } from "vitest";
import { parseProblem } from "./problem.js";

const titleOf = (title: string): string | null => parseProblem(JSON.stringify({ title })).title;

describe("parseProblem", () => {
  it("reads title and trace id, and nothing else", () => {
    const body = { title: "Rate limit is exceeded.", traceId: "00-abc|1.2", data: { name: "Kanari" } };

    expect(parseProblem(JSON.stringify(body))).toEqual({
      title: "Rate limit is exceeded.",
      traceId: "00-abc|1.2",
      fields: [],
    });
  });

  it("names the fields that the server rejects, and repeats nothing of its text about them", () => {
    const errors = { pageSize: ["kanari"], "items[0].id": ["kanari"], "kanari@example.com": ["kanari"] };
    const title = "One or more validation errors occurred.";

    expect(parseProblem(JSON.stringify({ title, errors }))).toEqual({
      title,
      traceId: null,
      fields: ["pageSize", "items[0].id"],
    });
    expect(parseProblem(JSON.stringify({ errors: ["pageSize"] })).fields).toEqual([]);
  });

  it("reads the message of a gateway that sends no title", () => {
    const body = { statusCode: 429, message: "Rate limit is exceeded." };
    expect(parseProblem(JSON.stringify(body)).title).toBe("Rate limit is exceeded.");
  });

  it.each([
    "",
    "<html>503</html>",
    '{"title":"cut',
    "null",
    "[]",
    '"text"',
    '{"title":5,"traceId":{}}',
    '{"title":" "}',
  ])("is empty for %j", (body) => {
    expect(parseProblem(body)).toEqual({ title: null, traceId: null, fields: [] });
  });

  it.each([
    "Authorization Bearer kanari.kanari was refused",
    "basic kanari is not supported",
    "key ak1.kanari is unknown",
    "client cid.kanari is unknown",
    "secret cs2.kanari is wrong",
    `token ${"kanari".repeat(10)} expired`,
    "customer kanari@example.com is not active",
  ])("hides what a server quotes: %s", (title) => {
    const shown = titleOf(title);
    expect(shown).toContain("[redacted]");
    expect(shown).not.toContain("kanari");
  });

  it("keeps one line of at most 200 characters", () => {
    expect(titleOf("two\r\nlines\u001b[31m")).toBe("two lines [31m");
    expect(titleOf("word ".repeat(100))).toHaveLength(200);
  });

  it("does not accept a trace id that is free text", () => {
    expect(parseProblem(JSON.stringify({ traceId: "Kanari <kanari@example.com>" })).traceId).toBeNull();
  });
});
