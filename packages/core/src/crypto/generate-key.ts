import { randomBytes } from "node:crypto";
import { ConfigError } from "../errors.js";
import { keyIdPattern, keyLength } from "./key-format.js";

/**
 * Makes one entry for {@link staticKeys}: `id:base64` with 64 random bytes.
 *
 * @param id - Names the key in what it encrypts; anything not used before. Random by default.
 * @throws {@link ConfigError} when the id holds other than letters, digits, dots, dashes and underscores.
 */
export function generateEncryptionKey(id = `key-${randomBytes(4).toString("hex")}`): string {
  if (!keyIdPattern.test(id)) {
    throw new ConfigError("A key's id must be 1 to 32 letters, digits, dots, dashes or underscores.");
  }
  return `${id}:${randomBytes(keyLength).toString("base64")}`;
}
