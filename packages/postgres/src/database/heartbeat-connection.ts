import { Connection } from "./connection.js";
import type { Database } from "./database.js";
import { hasSpareConnection, isEnding } from "./pool-state.js";
import type { SqlResult } from "./sql-transaction.js";

/** A heartbeat must be quick, or it blocks others: otherwise it is retried over any connection. */
const beatTimeoutMs = 5000;
/** A heartbeat that waits for a takeover of its lease must not delay those of other runs: an SQL expression. */
const shortLockTimeout = "'1000'";
const anyLockTimeout = "current_setting('lock_timeout')";
const watchMs = 250;

/**
 * @param lockTimeout - an SQL expression for the `lock_timeout` that the statement sets for itself. Not for the session:
 * behind a connection pooler, others would get it.
 */
export type BeatStatement = (lockTimeout: string) => string;

/**
 * One connection of the host's pool that is kept aside for the heartbeats of all runs of this process, as long as one
 * of them is alive. Bulk work may hold every other connection for longer than a lease lasts.
 */
export interface HeartbeatConnection {
  /** A run is about to start. Takes the connection while one is still available. */
  prepare(): Promise<void>;
  /** A run counts as alive for this long after its last sign of life. */
  keep(runId: string, leaseMs: number): void;
  /** A run has ended; after the last one the connection is released. */
  release(runId: string): void;
  query<Row extends object>(statement: BeatStatement, values: readonly unknown[]): Promise<SqlResult<Row>>;
  close(): void;
}

export function createHeartbeatConnection(database: Database, timeoutMs: number): HeartbeatConnection {
  const { pool } = database;
  const alive = new Map<string, NodeJS.Timeout>();
  let preparing = 0;
  let held: Promise<Connection | null> | null = null;
  /** Statements of one connection go one after the other. */
  let last: Promise<unknown> = Promise.resolve();
  let watch: NodeJS.Timeout | undefined;

  async function take(): Promise<Connection | null> {
    try {
      watch = setInterval(() => {
        if (isEnding(pool)) drop();
      }, watchMs).unref();
      return await Connection.take(pool, Math.min(timeoutMs, beatTimeoutMs));
    } catch {
      // The caller needs the database as well, and learns of its failure.
      held = null;
      clearInterval(watch);
      return null;
    }
  }

  function drop(): void {
    const dropped = held;
    held = null;
    clearInterval(watch);
    dropped?.then(throwAway).catch(() => undefined);
  }

  function dropIfIdle(): void {
    if (alive.size === 0 && preparing === 0) drop();
  }

  function forget(runId: string): void {
    clearTimeout(alive.get(runId));
    alive.delete(runId);
    dropIfIdle();
  }

  async function beat<Row extends object>(
    statement: BeatStatement,
    values: readonly unknown[],
  ): Promise<SqlResult<Row>> {
    const connection = await held;
    if (connection !== null) {
      try {
        return await connection.query<Row>(statement(shortLockTimeout), values);
      } catch {
        drop();
      }
    }
    return await database.query<Row>(statement(anyLockTimeout), values);
  }

  return {
    async prepare() {
      if (!hasSpareConnection(pool)) return;
      preparing += 1;
      held ??= take();
      try {
        await held;
      } finally {
        preparing -= 1;
      }
    },
    keep(runId, leaseMs) {
      clearTimeout(alive.get(runId));
      // An owner that lost its run sends no more heartbeats.
      const timer = setTimeout(() => forget(runId), 2 * leaseMs);
      timer.unref();
      alive.set(runId, timer);
    },
    release: forget,
    async query<Row extends object>(statement: BeatStatement, values: readonly unknown[]) {
      const answer = last.then(() => beat<Row>(statement, values));
      last = answer.catch(() => undefined);
      return await answer;
    },
    close() {
      for (const timer of alive.values()) clearTimeout(timer);
      alive.clear();
      drop();
    },
  };
}

/** A statement may still be waiting on it. */
function throwAway(connection: Connection | null): void {
  connection?.discard();
  connection?.release();
}
