import { describe, expect, it } from "vitest";
import { utf8Of } from "./body-text.js";

const name = '{"name":"José Núñez"}';
const latin1 = Buffer.from(name, "latin1");

const textOf = (body: Uint8Array, contentType: string | null) =>
  utf8Of(body, contentType)?.toString() ?? null;

describe("utf8Of", () => {
  it("silently put replacement characters into names in another character set", () => {
    expect(textOf(latin1, "application/json; charset=iso-8859-1")).toBe(name);
    expect(textOf(latin1, "application/json")).toBeNull();
    expect(textOf(latin1, null)).toBeNull();
    expect(textOf(latin1, "application/json; charset=unheard-of")).toBeNull();
  });

  it("trusts valid UTF-8 more than the declared charset: proxies declare wrong ones", () => {
    expect(textOf(Buffer.from(name), "application/json; charset=iso-8859-1")).toBe(name);
    expect(textOf(Buffer.from(name), 'application/json; charset="UTF-8"')).toBe(name);
    expect(textOf(Buffer.from(`\ufeff${name}`), null)).toBe(name);
  });

  it("reads UTF-16 if it is declared", () => {
    expect(textOf(Buffer.from(name, "utf16le"), "application/json; charset=utf-16")).toBe(name);
  });
});
