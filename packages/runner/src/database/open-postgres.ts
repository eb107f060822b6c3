import { type Secret, StorageError } from "@titan-sync/core";
import pg from "pg";
import type { OpenDatabase } from "./open-database.js";

/** Connections at most: a few runs at once and their heartbeats. */
const connections = 12;
const connectTimeoutMs = 15_000;

/**
 * Opens a PostgreSQL database.
 * @throws {@link StorageError} when it cannot be reached. The password is never repeated.
 */
export async function openPostgres(address: Secret): Promise<OpenDatabase> {
  const name = nameOf(address);
  const pool = new pg.Pool({
    connectionString: address.reveal(),
    max: connections,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: "titan-sync",
  });
  // An idle connection that breaks is replaced; without a listener it would end the program.
  pool.on("error", () => undefined);
  try {
    await pool.query("SELECT 1");
  } catch (error) {
    await pool.end();
    const code = (error as { code?: unknown }).code;
    throw new StorageError(
      `The database ${name} cannot be used${typeof code === "string" ? ` (${code})` : ""}.`,
      {
        hint: "Check that it runs, and the address, user and password in TITAN_SYNC_DATABASE_URL.",
        cause: error,
      },
    );
  }
  let closed: Promise<void> | null = null;
  return {
    pool,
    name,
    lost: new AbortController().signal,
    close() {
      closed ??= pool.end();
      return closed;
    },
  };
}

/** The address without user and password. */
function nameOf(address: Secret): string {
  const { protocol, host, pathname } = new URL(address.reveal());
  return `${protocol}//${host}${pathname}`;
}
