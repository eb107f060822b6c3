import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { CryptoError } from "../errors.js";
import type { EncryptionContext, EncryptionKey, Encryptor, KeyProvider } from "../ports/encryptor.js";

export interface DescribeEncryptorOptions {
  /** The suite's title. @defaultValue "encryptor" */
  readonly name?: string | undefined;
  /** Returns an encryptor that uses these keys of 64 bytes. Called several times. */
  readonly setup: (keys: KeyProvider) => Encryptor | Promise<Encryptor>;
}

const secret = "cs1.canary-secret-zoë";

const context: EncryptionContext = {
  companyId: "company-1",
  environment: "production",
  credentialId: "credential-1",
  version: 3,
  field: "clientSecret",
};

const otherContexts: readonly (readonly [string, EncryptionContext])[] = [
  ["company", { ...context, companyId: "company-2" }],
  ["environment", { ...context, environment: "integration" }],
  ["credential", { ...context, credentialId: "credential-2" }],
  ["version", { ...context, version: 2 }],
  ["field", { ...context, field: "appKey" }],
];

/**
 * Registers the tests that every encryptor must pass. Call it at the top level of a test file.
 *
 * @example
 * describeEncryptor({ name: "my encryptor", setup: (keys) => myEncryptor(keys) });
 */
export function describeEncryptor({ name = "encryptor", setup }: DescribeEncryptorOptions): void {
  describe(name, () => {
    const first = newKey("first");
    const second = newKey("second");
    let encryptor: Encryptor;
    let ciphertext: string;

    beforeAll(async () => {
      encryptor = await setup(keyRing(first));
      ciphertext = await encryptor.encrypt(secret, context);
    });

    it.each([
      ["a secret", secret],
      ["the empty text", ""],
      ["a long text", "💧".repeat(5000)],
    ])("opens %s that it closed", async (_, plaintext) => {
      const text = await encryptor.encrypt(plaintext, context);
      expect(await encryptor.decrypt(text, context)).toBe(plaintext);
    });

    it("never returns the same text twice", async () => {
      const texts = await Promise.all(Array.from({ length: 20 }, () => encryptor.encrypt(secret, context)));
      expect(new Set(texts).size).toBe(20);
    });

    it("shows no plaintext", () => {
      expect(ciphertext).not.toContain(secret);
      const readable = ciphertext.split(".").map((part) => Buffer.from(part, "base64url").toString("utf8"));
      expect(readable.join(" ")).not.toContain("canary");
    });

    it("refuses a text with any one byte changed", async () => {
      for (let position = 0; position < ciphertext.length; position += 1) {
        const altered = flip(ciphertext, position);
        if (altered === null) continue;
        const error = await failureOf(encryptor.decrypt(altered, context));
        expect(error, `position ${position}`).toBeInstanceOf(CryptoError);
      }
    });

    it.each([
      ["cut short", (text: string) => text.slice(0, -1)],
      ["lengthened", (text: string) => `${text}AAAA`],
      ["empty", () => ""],
      ["not one of its texts", () => "plain text"],
      ["the secret itself", () => secret],
    ])("refuses a text that is %s", async (_, alter) => {
      expect(await failureOf(encryptor.decrypt(alter(ciphertext), context))).toBeInstanceOf(CryptoError);
    });

    it.each(otherContexts)("refuses a text of another %s", async (_, other) => {
      expect(await failureOf(encryptor.decrypt(ciphertext, other))).toBeInstanceOf(CryptoError);
    });

    it("decrypts texts of a retired key, and encrypts new ones with the current key", async () => {
      const rotated = await setup(keyRing(second, first));
      expect(await rotated.decrypt(ciphertext, context)).toBe(secret);
      const renewed = await rotated.encrypt(secret, context);
      expect([rotated.keyIdOf(ciphertext), rotated.keyIdOf(renewed)]).toEqual(["first", "second"]);
      expect(await failureOf(encryptor.decrypt(renewed, context))).toBeInstanceOf(CryptoError);
    });

    it("says which key is missing, as opposed to a text that was altered", async () => {
      const other = await setup(keyRing(second));
      const missing = await failureOf(other.decrypt(ciphertext, context));
      expect(missing).toBeInstanceOf(CryptoError);
      expect(messageOf(missing)).toContain("first");
      const altered = await failureOf(encryptor.decrypt(ciphertext.slice(0, -2), context));
      expect(messageOf(altered)).not.toBe(messageOf(missing));
    });

    it("refuses a text whose key's id now has other bytes", async () => {
      const impostor = await setup(keyRing(newKey("first")));
      expect(await failureOf(impostor.decrypt(ciphertext, context))).toBeInstanceOf(CryptoError);
    });

    it("returns no key id for a text that is not its own", () => {
      expect(encryptor.keyIdOf("plain text")).toBeNull();
      expect(encryptor.keyIdOf("")).toBeNull();
    });

    it("shows neither plaintext nor key in its errors", async () => {
      const failures = await Promise.all([
        failureOf(encryptor.decrypt(secret, context)),
        failureOf(encryptor.decrypt(ciphertext.slice(0, -2), context)),
        ...otherContexts.map(([, other]) => failureOf(encryptor.decrypt(ciphertext, other))),
      ]);
      for (const failure of failures) {
        const text = [messageOf(failure), JSON.stringify(failure), String(causeOf(failure))].join(" ");
        expect(text).not.toContain("canary");
        expect(text).not.toContain(Buffer.from(first.bytes).toString("base64"));
      }
    });
  });
}

function newKey(id: string): EncryptionKey {
  return { id, bytes: new Uint8Array(randomBytes(64)) };
}

/** The first key encrypts. */
function keyRing(current: EncryptionKey, ...retired: readonly EncryptionKey[]): KeyProvider {
  const keys = [current, ...retired];
  return {
    current: async () => current,
    find: async (id) => keys.find((key) => key.id === id) ?? null,
  };
}

/** Another letter for this position, with other bits; `null` for a separator. */
function flip(text: string, position: number): string | null {
  const letter = text[position];
  if (letter === undefined || letter === ".") return null;
  // The highest of a letter's six bits is never padding.
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const other = alphabet[alphabet.indexOf(letter) ^ 32] ?? "A";
  return `${text.slice(0, position)}${other}${text.slice(position + 1)}`;
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error("The text opened, though it should not have.");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? JSON.stringify(error.cause) : null;
}
