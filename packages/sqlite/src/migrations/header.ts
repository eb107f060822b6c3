import { ConfigError } from "@titan-sync/core";
import type { SchemaVersion } from "@titan-sync/core/support";
import type { Statements } from "../database/connection.js";

/** "TiSy": stands in the head of each file of ours. */
export const applicationId = 0x54695379;

/** What a file says about itself. */
export interface Header extends SchemaVersion {
  readonly application: number;
  readonly isEmpty: boolean;
}

export function readHeader(statements: Statements): Header {
  const number = (pragma: string): number =>
    Number(Object.values(statements.get<Record<string, unknown>>(`PRAGMA ${pragma}`) ?? {})[0] ?? 0);
  const tables = statements.get<{ found: number }>(
    "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!') AS found",
  );
  const application = number("application_id");
  return {
    application,
    current: number("user_version"),
    worksWithPrevious: application === applicationId && readWorksWithPrevious(statements),
    isEmpty: tables?.found !== 1,
  };
}

function readWorksWithPrevious(statements: Statements): boolean {
  const row = statements.get<{ works: 0 | 1 }>(
    "SELECT works_with_previous AS works FROM migrations ORDER BY version DESC LIMIT 1",
  );
  return row?.works === 1;
}

/** @throws `ConfigError` for the file of another program. */
export function requireOurs(header: Header, path: string): Header {
  if (header.application === applicationId || (header.application === 0 && header.isEmpty)) return header;
  throw new ConfigError(`${path} is a database of another program.`, { hint: "Name another file." });
}
