import { ConfigError } from "@titan-sync/core";

/** The one statement that is needed, of any client. */
interface Queries {
  query(text: string): Promise<{ readonly rows: readonly unknown[] }>;
}

/** How many connections a user of a database may have, and why no more. */
export interface ConnectionLimit {
  readonly most: number;
  /** For people. */
  readonly reason: string;
}

interface LimitRow {
  readonly max: number;
  readonly reserved: number;
  readonly role: number;
  readonly database: number;
}

/** Without what is reserved for administrators. Another pooler in between may allow fewer. */
export async function findConnectionLimit(client: Queries): Promise<ConnectionLimit> {
  const { rows } = await client.query(`
    SELECT current_setting('max_connections')::int AS max,
      current_setting('superuser_reserved_connections')::int
        + coalesce(current_setting('reserved_connections', true)::int, 0) AS reserved,
      (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user) AS role,
      (SELECT datconnlimit FROM pg_database WHERE datname = current_database()) AS database`);
  const [row] = rows as readonly LimitRow[];
  if (row === undefined) return { most: Number.POSITIVE_INFINITY, reason: "no limit is known" };
  const { max, reserved, role, database } = row;
  const limits: readonly ConnectionLimit[] = [
    { most: max - reserved, reason: `max_connections is ${max}, of which ${reserved} are reserved` },
    { most: unlessNone(role), reason: `the database user may have ${role}` },
    { most: unlessNone(database), reason: `the database allows ${database}` },
  ];
  return limits.reduce((least, limit) => (limit.most < least.most ? limit : least));
}

/** PostgreSQL writes -1 for no limit. */
function unlessNone(limit: number): number {
  return limit < 0 ? Number.POSITIVE_INFINITY : limit;
}

/**
 * Refuses more syncs at once than the database has connections for: they would wait for each other's, and their leases
 * expire meanwhile.
 *
 * @param beside - Connections that are needed besides one for each sync.
 * @throws {@link ConfigError} that says how many syncs are possible.
 */
export function requireConnections(
  { most, reason }: ConnectionLimit,
  concurrency: number,
  beside: number,
): void {
  const needed = concurrency + beside;
  if (needed <= most) return;
  const possible = most - beside;
  throw new ConfigError(
    `${concurrency} syncs at once need ${needed} connections to PostgreSQL, and there are at most ${most}: ${reason}.`,
    {
      hint:
        possible < 1
          ? `Raise the limit to at least ${beside + 1}.`
          : `Use --concurrency ${possible} or less, or raise the limit. All processes on the database share it: each needs as many.`,
    },
  );
}
