import { ConfigError } from "@titan-sync/core";

type NodeSqlite = typeof import("node:sqlite");

/**
 * Node's own SQLite. Some releases warn, when it is loaded, that it is experimental: that warning alone is kept off the
 * program's output.
 *
 * @throws `ConfigError` when this Node has none.
 */
export function loadNodeSqlite(): NodeSqlite {
  const { emitWarning } = process;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (!String(warning).startsWith("SQLite is an experimental feature")) {
      Reflect.apply(emitWarning, process, [warning, ...rest]);
    }
  };
  try {
    const sqlite = process.getBuiltinModule("node:sqlite");
    if (sqlite !== undefined) return sqlite;
  } finally {
    process.emitWarning = emitWarning;
  }
  throw new ConfigError("This Node.js has no SQLite.", { hint: "Use Node.js 22.16 or newer." });
}
