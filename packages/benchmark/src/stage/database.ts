import { randomUUID } from "node:crypto";
import { migrate } from "@titan-sync/postgres";
import { Client, Pool } from "pg";

/** A database with all our tables, and nothing in them. @returns its address. */
export async function createDatabase(serverUrl: string): Promise<string> {
  const name = `bench_${randomUUID().replaceAll("-", "")}`;
  await administrate(serverUrl, `CREATE DATABASE ${name}`);
  const url = `${serverUrl}/${name}`;
  const pool = new Pool({ connectionString: url, max: 1 });
  try {
    await migrate({ pool });
  } finally {
    await pool.end();
  }
  return url;
}

/** Gives `work` a fresh database, deleted afterwards. */
export async function withDatabase<Result>(
  serverUrl: string,
  work: (pool: Pool, url: string) => Promise<Result>,
): Promise<Result> {
  const url = await createDatabase(serverUrl);
  const pool = new Pool({ connectionString: url, max: 10 });
  // The database may be dropped before the server has heard that the last connection was closed.
  pool.on("error", () => undefined);
  try {
    return await work(pool, url);
  } finally {
    await pool.end();
    await administrate(serverUrl, `DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
    // Its data must not be flushed to disk while the next one is measured.
    await administrate(serverUrl, "CHECKPOINT");
  }
}

async function administrate(serverUrl: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: `${serverUrl}/postgres` });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
