import { migrate } from "@titan-sync/postgres";
import { Client, Pool } from "pg";

/** The database that test databases are copies of: with all migrations. */
export const template = "titan_sync_template";

const unfinished = "titan_sync_template_unfinished";

/** Makes the template unless it is there. Test files that ask at the same time wait for the first one. */
export async function ensureTemplate(serverUrl: string): Promise<void> {
  await administrate(serverUrl, async (client) => {
    await client.query("SELECT pg_advisory_lock(1)");
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [template]);
    if (rowCount !== 0) return;
    await client.query(`DROP DATABASE IF EXISTS ${unfinished}`);
    await client.query(`CREATE DATABASE ${unfinished}`);
    const pool = new Pool({ connectionString: `${serverUrl}/${unfinished}`, max: 1 });
    try {
      await migrate({ pool });
    } finally {
      await pool.end();
    }
    await client.query(`ALTER DATABASE ${unfinished} RENAME TO ${template}`);
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
