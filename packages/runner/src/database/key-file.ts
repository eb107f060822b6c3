import { readFile, stat, writeFile } from "node:fs/promises";
import { ConfigError, generateEncryptionKey } from "@titan-sync/core";

/** Group and others. */
const foreignAccess = 0o077;

/**
 * Writes a new key for its owner only; an existing file stays as it is.
 * @returns whether it was written now.
 */
export async function createKeyFile(file: string): Promise<boolean> {
  try {
    await writeFile(file, `${generateEncryptionKey()}\n`, { mode: 0o600, flag: "wx" });
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === "EEXIST") return false;
    throw error;
  }
}

/**
 * The keys in the file, one or more lines of `id:base64`; `null` without a file.
 * @throws {@link ConfigError} when others than its owner may read it.
 */
export async function readKeyFile(file: string): Promise<string | null> {
  const found = await stat(file).catch(() => null);
  if (found === null) return null;
  // Windows stores permissions elsewhere.
  if (process.platform !== "win32" && (found.mode & foreignAccess) !== 0) {
    const mode = (found.mode & 0o777).toString(8);
    throw new ConfigError(
      `The key file ${file} has mode ${mode}: users other than its owner can access it.`,
      {
        hint: `Run "chmod 600 ${file}". If somebody else may have read it, change the credentials' secrets too.`,
      },
    );
  }
  const lines = (await readFile(file, "utf8")).split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "").join(",");
}
