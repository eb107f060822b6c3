import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors.js";
import { generateEncryptionKey } from "./generate-key.js";
import { staticKeys } from "./static-keys.js";

const encoded = (bytes = 64): string => randomBytes(bytes).toString("base64");

describe("staticKeys", () => {
  it("encrypts with the first key and finds all of them", async () => {
    const [first, second] = [randomBytes(64), randomBytes(64)];
    const keys = staticKeys(` new:${first.toString("base64")} ,\n old : ${second.toString("base64url")},`);

    expect(await keys.current()).toEqual({ id: "new", bytes: new Uint8Array(first) });
    expect(await keys.find("old")).toEqual({ id: "old", bytes: new Uint8Array(second) });
    expect(await keys.find("other")).toBeNull();
  });

  it("lists all problems at once", () => {
    const text = [
      `a:${encoded(32)}`,
      "no-colon",
      `bad id!:${encoded()}`,
      "b:***",
      `c:${encoded()}`,
      `c:${encoded()}`,
    ];
    expect(() => staticKeys(text.join(","))).toThrow(
      [
        "Invalid encryption keys: entry 1: the key has 32 bytes instead of 64",
        "entry 2: no colon between id and key",
        "entry 3: the id must be 1 to 32 letters, digits, dots, dashes or underscores",
        "entry 4: the key is not base64",
        'entry 6: the id "c" is used twice.',
      ].join("; "),
    );
  });

  it.each(["", " , ", "\n"])("refuses %j, which is not a key", (text) => {
    expect(() => staticKeys(text)).toThrow("no key is configured");
  });

  it("repeats no key material, even if id and key are swapped", () => {
    const key = encoded();
    for (const text of [key, `${key}:id`, `id:${key}!`, `id:${key}AAAA`]) {
      const message = (() => {
        try {
          staticKeys(text);
        } catch (error) {
          return error instanceof ConfigError ? `${error.message}${JSON.stringify(error)}` : "";
        }
        return "";
      })();
      expect(message).toContain("Invalid encryption keys");
      expect(message).not.toContain(key.slice(0, 12));
    }
  });
});

describe("generateEncryptionKey", () => {
  it("returns an entry that staticKeys accepts, a different one each time", async () => {
    const [first, second] = [generateEncryptionKey("k1"), generateEncryptionKey("k1")];

    expect(first).not.toBe(second);
    expect((await staticKeys(first).current()).id).toBe("k1");
    expect((await staticKeys(generateEncryptionKey()).current()).id).toMatch(/^key-[0-9a-f]{8}$/);
  });

  it("refuses an id that an entry cannot contain", () => {
    expect(() => generateEncryptionKey("a:b")).toThrow(ConfigError);
    expect(() => generateEncryptionKey("")).toThrow(ConfigError);
  });
});
