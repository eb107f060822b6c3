import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { CompactEncrypt, decodeProtectedHeader } from "jose";
import { describe, expect, it } from "vitest";
import { CryptoError, type TitanSyncError } from "../errors.js";
import type { EncryptionContext, KeyProvider } from "../ports/encryptor.js";
import { generateEncryptionKey } from "./generate-key.js";
import { jweEncryptor } from "./jwe-encryptor.js";
import { staticKeys } from "./static-keys.js";

const context: EncryptionContext = {
  companyId: "acme",
  environment: "production",
  credentialId: "credential-1",
  version: 3,
  field: "clientSecret",
};
const plaintext = "cs1.kanari";
const oldKey = generateEncryptionKey("old");
const newKey = generateEncryptionKey("new");
const encryptor = jweEncryptor(staticKeys(oldKey));

async function failureOf(work: Promise<unknown>): Promise<TitanSyncError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CryptoError)) throw new Error(`not a CryptoError: ${String(error)}`);
  return error;
}

describe("jweEncryptor", () => {
  it("decrypts what it encrypted", async () => {
    for (const text of [plaintext, "", "ünïcødé 🙂", "\ufeffwith a mark", "x".repeat(10_000)]) {
      expect(await encryptor.decrypt(await encryptor.encrypt(text, context), context)).toBe(text);
    }
  });

  it("never returns the same text twice", async () => {
    const texts = await Promise.all(Array.from({ length: 20 }, () => encryptor.encrypt(plaintext, context)));

    expect(new Set(texts).size).toBe(20);
  });

  it("writes compact JWE that names algorithm, key and place, and not the secret", async () => {
    const text = await encryptor.encrypt(plaintext, context);

    expect(text.split(".")).toHaveLength(5);
    expect(decodeProtectedHeader(text)).toEqual({ alg: "dir", enc: "A256CBC-HS512", kid: "old", context });
    expect(text).not.toContain("kanari");
    expect(encryptor.keyIdOf(text)).toBe("old");
  });

  it("does not decrypt a text with any one character changed", async () => {
    const text = await encryptor.encrypt(plaintext, context);

    for (let index = 0; index < text.length; index += 1) {
      const character = text[index];
      for (const other of ["A", "B", "Q", "_", ".", "=", " "].filter((each) => each !== character)) {
        const altered = `${text.slice(0, index)}${other}${text.slice(index + 1)}`;
        await failureOf(encryptor.decrypt(altered, context));
      }
    }
  });

  it("does not decrypt a text with any one bit flipped", async () => {
    const parts = (await encryptor.encrypt(plaintext, context)).split(".");

    for (const [part, encoded] of parts.entries()) {
      const bytes = Buffer.from(encoded, "base64url");
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const altered = parts.with(part, flipped.toString("base64url")).join(".");
        await failureOf(encryptor.decrypt(altered, context));
      }
    }
  });

  it.each(["", "no jwe", "a.b.c.d.e", "....", "{}"])("refuses %j, which it never wrote", async (text) => {
    expect((await failureOf(encryptor.decrypt(text, context))).code).toBe("CRYPTO");
    expect(encryptor.keyIdOf(text)).toBeNull();
  });

  it.each<[string, Partial<EncryptionContext>]>([
    ["company", { companyId: "other" }],
    ["environment", { environment: "integration" }],
    ["credential", { credentialId: "credential-2" }],
    ["version", { version: 4 }],
    ["field", { field: "appKey" }],
  ])("does not open moved to another %s", async (_, moved) => {
    const text = await encryptor.encrypt(plaintext, context);

    const error = await failureOf(encryptor.decrypt(text, { ...context, ...moved }));
    expect(error.message).toContain("belongs to another company, environment, credential, version or field");
  });

  it("does not decrypt a text under the right key that names no place", async () => {
    const key = await staticKeys(oldKey).current();
    const foreign = await new CompactEncrypt(new TextEncoder().encode(plaintext))
      .setProtectedHeader({ alg: "dir", enc: "A256CBC-HS512", kid: "old" })
      .encrypt(key.bytes);

    await failureOf(encryptor.decrypt(foreign, context));
  });

  it("still decrypts with a retired key, and encrypts with the first", async () => {
    const text = await encryptor.encrypt(plaintext, context);
    const rotated = jweEncryptor(staticKeys(`${newKey},${oldKey}`));

    expect(await rotated.decrypt(text, context)).toBe(plaintext);
    expect(rotated.keyIdOf(await rotated.encrypt(plaintext, context))).toBe("new");
  });

  it("names an unknown key, in its own error", async () => {
    const text = await encryptor.encrypt(plaintext, context);

    const error = await failureOf(jweEncryptor(staticKeys(newKey)).decrypt(text, context));
    expect(error.message).toBe(
      'The encryption key "old" of the clientSecret is not among the configured keys.',
    );
    expect(error.hint).toContain("retired keys still decrypt");
  });

  it("does not print a text that is not a key id", async () => {
    const id = "kanari ".repeat(9);
    const foreign = await new CompactEncrypt(new Uint8Array(1))
      .setProtectedHeader({ alg: "dir", enc: "A256CBC-HS512", kid: id })
      .encrypt(randomBytes(64));

    expect((await failureOf(encryptor.decrypt(foreign, context))).message).toContain("(unprintable id)");
  });

  it("does not decrypt with another key that has the same id", async () => {
    const text = await encryptor.encrypt(plaintext, context);

    const error = await failureOf(
      jweEncryptor(staticKeys(generateEncryptionKey("old"))).decrypt(text, context),
    );
    expect(error.message).toContain("cannot be decrypted");
  });

  it("refuses a key of the wrong length from a host's own provider", async () => {
    const short: KeyProvider = {
      current: async () => ({ id: "short", bytes: randomBytes(32) }),
      find: async () => ({ id: "short", bytes: randomBytes(32) }),
    };
    const text = await encryptor.encrypt(plaintext, context);

    expect((await failureOf(jweEncryptor(short).encrypt(plaintext, context))).message).toBe(
      'The encryption key "short" has 32 bytes; 64 are needed.',
    );
    await failureOf(jweEncryptor(short).decrypt(text, context));
  });

  it("reports a key that the encryption does not accept, without printing it", async () => {
    const odd: KeyProvider = {
      current: async () => ({ id: "odd", bytes: { length: 64 } as Uint8Array }),
      find: async () => null,
    };

    expect((await failureOf(jweEncryptor(odd).encrypt(plaintext, context))).message).toBe(
      "The clientSecret could not be encrypted.",
    );
  });

  it("puts no plaintext or key into any error", async () => {
    const text = await encryptor.encrypt(plaintext, context);
    const parts = text.split(".");
    const key = (oldKey.split(":")[1] ?? "").slice(0, 12);
    const errors = await Promise.all(
      [
        encryptor.decrypt(text, { ...context, companyId: "other" }),
        encryptor.decrypt(parts.with(3, "AAAA").join("."), context),
        encryptor.decrypt(plaintext, context),
        jweEncryptor(staticKeys(newKey)).decrypt(text, context),
      ].map(failureOf),
    );

    for (const error of errors) {
      const printed = `${inspect(error, { depth: 9, showHidden: true })}${JSON.stringify(error)}`;
      expect(printed).not.toContain("kanari");
      expect(printed).not.toContain(key);
    }
  });
});
