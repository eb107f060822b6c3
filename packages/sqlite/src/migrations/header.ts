import { ConfigError } from "@titan-sync/core";
import type { Statements } from "../database/connection.js";

/** "TiSy": stands in the head of each file of ours. */
export const applicationId = 0x54695379;

/** What the head of a file says. */
export interface Header {
  readonly application: number;
  /** Of our tables; 0 when there are none. */
  readonly version: number;
  readonly isEmpty: boolean;
}

export function readHeader(statements: Statements): Header {
  const number = (pragma: string): number =>
    Number(Object.values(statements.get<Record<string, unknown>>(`PRAGMA ${pragma}`) ?? {})[0] ?? 0);
  const tables = statements.get<{ found: number }>(
    "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!') AS found",
  );
  return {
    application: number("application_id"),
    version: number("user_version"),
    isEmpty: tables?.found !== 1,
  };
}

/** @throws `ConfigError` for the file of another program. */
export function requireOurs(header: Header, path: string): Header {
  if (header.application === applicationId || (header.application === 0 && header.isEmpty)) return header;
  throw new ConfigError(`${path} is a database of another program.`, { hint: "Name another file." });
}
