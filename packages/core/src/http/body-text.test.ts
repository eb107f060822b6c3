import { describe, expect, it } from "vitest";
import { textOf } from "./body-text.js";

const name = '{"name":"José Núñez"}';
const latin1 = Buffer.from(name, "latin1");

describe("textOf", () => {
  it("put replacement marks into names of another character set, silently", () => {
    expect(textOf(latin1, "application/json; charset=iso-8859-1")).toBe(name);
    expect(textOf(latin1, "application/json")).toBeNull();
    expect(textOf(latin1, null)).toBeNull();
    expect(textOf(latin1, "application/json; charset=unheard-of")).toBeNull();
  });

  it("believes UTF-8 before what is declared: proxies declare what they like", () => {
    expect(textOf(Buffer.from(name), "application/json; charset=iso-8859-1")).toBe(name);
    expect(textOf(Buffer.from(name), 'application/json; charset="UTF-8"')).toBe(name);
    expect(textOf(Buffer.from(`\ufeff${name}`), null)).toBe(name);
  });

  it("reads UTF-16 where it is declared", () => {
    expect(textOf(Buffer.from(name, "utf16le"), "application/json; charset=utf-16")).toBe(name);
  });
});
