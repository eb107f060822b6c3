import { ConfigError } from "@titan-sync/core";

/** PostgreSQL truncates longer names, so two of them could mean the same schema. */
const longestName = 63;

/**
 * A name as SQL text.
 * @throws `ConfigError` when PostgreSQL has no such names.
 */
export function quoteIdentifier(name: string): string {
  if (name === "" || name.includes("\0") || Buffer.byteLength(name) > longestName) {
    throw new ConfigError(
      `schema must be a PostgreSQL name of 1 to ${longestName} bytes, not ${JSON.stringify(name)}.`,
    );
  }
  return `"${name.replaceAll('"', '""')}"`;
}
