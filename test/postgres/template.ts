import { migrate } from "@titan-sync/postgres";
import { Client, Pool } from "pg";

/** A database that test databases are copies of. A server makes it once. */
export interface Template {
  readonly name: string;
  /** Makes its tables. Whatever it connects must be gone when it resolves. */
  readonly fill: (pool: Pool) => Promise<unknown>;
}

/** With all migrations of the storage. */
export const migrated: Template = { name: "titan_sync_template", fill: (pool) => migrate({ pool }) };

/** Makes the template unless it is there. Test files that ask at the same time wait for the first one. */
export async function ensureTemplate(serverUrl: string, { name, fill }: Template): Promise<void> {
  const unfinished = `${name}_unfinished`;
  await administrate(serverUrl, async (client) => {
    await client.query("SELECT pg_advisory_lock(1)");
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [name]);
    if (rowCount !== 0) return;
    await client.query(`DROP DATABASE IF EXISTS ${unfinished}`);
    await client.query(`CREATE DATABASE ${unfinished}`);
    const pool = new Pool({ connectionString: `${serverUrl}/${unfinished}`, max: 2 });
    try {
      await fill(pool);
    } finally {
      await pool.end();
    }
    await client.query(`ALTER DATABASE ${unfinished} RENAME TO ${name}`);
  });
}

/** Works on the server, outside of any test database. Locks end with it. */
export async function administrate(
  serverUrl: string,
  work: (client: Client) => Promise<unknown>,
): Promise<void> {
  const client = new Client({ connectionString: `${serverUrl}/postgres` });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
