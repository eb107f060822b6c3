import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { type Clock, ConfigError, SinkTimeoutError, StorageError, systemClock } from "@titan-sync/core";
import { inTime, type Migration } from "@titan-sync/core/support";
import { type Header, readHeader } from "../migrations/header.js";
import { migrations } from "../migrations/migrations.generated.js";
import { hasMoveTable, requireNotMoved } from "../move/move-mark.js";
import { Breathing } from "./breathing.js";
import { Connection, type Statements } from "./connection.js";
import { type FileSystemType, prepareFile, systemFileSystemType } from "./data-file.js";
import { loadNodeSqlite } from "./node-sqlite.js";
import { OpenTransaction } from "./open-transaction.js";
import { BusyError, toStorageError } from "./sqlite-error.js";
import { Turns } from "./turns.js";

/** An open database file. A storage and a sink that use the same one write in the same transactions. */
export interface SqliteDatabase {
  /** The absolute path. */
  readonly path: string;
  /** Closes the file after current transactions have ended. May be called twice. */
  close(): Promise<void>;
}

export interface SqliteDatabaseOptions {
  /**
   * The file, in a directory that only its owner may open (mode 700). Both are created if they are missing. The file
   * must be on a local disk.
   */
  readonly path: string;
  /** How long to wait for other writers to the file, in milliseconds. @defaultValue 60000 */
  readonly timeoutMs?: number | undefined;
  /** The maximum size of the file in bytes; writes beyond it fail as if the disk were full. @defaultValue no limit */
  readonly maxBytes?: number | undefined;
  /** The storage's clock; all processes that use the file need the same one. @defaultValue the system clock */
  readonly clock?: Clock | undefined;
  /**
   * Whether committed writes survive a power failure. A file that may lose the most recent ones does not
   * wait for the disk. @internal
   */
  readonly durable?: boolean | undefined;
  /** The migrations that the program knows, for tests of other programs. @defaultValue this package's @internal */
  readonly knownMigrations?: readonly Migration[] | undefined;
  /** @internal */
  readonly fileSystemType?: FileSystemType | undefined;
}

/** A database that is open already, or the file to open. */
export type SqliteTarget = SqliteDatabaseOptions | { readonly database: SqliteDatabase };

/** The page cache of one connection, in KiB. The system keeps more of it, for all processes together. */
const cacheKb = 8 * 1024;
/**
 * How long opening the file waits for others that open or recover it, and how long a reader waits, in
 * milliseconds.
 */
const patienceMs = 5000;
/** Between two attempts to write while somebody else does, in milliseconds. */
const longestPauseMs = 10;
/** The size from which the log is restarted, in bytes, and how often to check it, in transactions. */
const longestLog = 64 * 1024 * 1024;
const looksEvery = 32;
/** Pages of the log after which a commit checkpoints it. A single landing would exceed the default. */
const checkpointPages = 4000;
/** How long that may block everything else, in milliseconds. */
const longestCheckpointMs = 250;

const writerSettings = `
  PRAGMA foreign_keys = ON;
  PRAGMA trusted_schema = OFF;
  PRAGMA temp_store = MEMORY;
  PRAGMA cache_size = -${cacheKb};
  PRAGMA wal_autocheckpoint = ${checkpointPages};
  PRAGMA journal_size_limit = ${longestLog};
`;
const readerSettings = `
  PRAGMA query_only = ON;
  PRAGMA trusted_schema = OFF;
  PRAGMA temp_store = MEMORY;
  PRAGMA cache_size = -${cacheKb};
`;

interface TransactionOptions {
  readonly urgent?: boolean;
  readonly evenIfMoved?: boolean;
}

/** An open file, with one connection that writes and one that reads. */
export class Database implements SqliteDatabase {
  readonly path: string;
  readonly clock: Clock;
  readonly knownMigrations: readonly Migration[];
  readonly #timeoutMs: number;
  readonly #writer: Connection;
  readonly #reader: Connection;
  readonly #turns = new Turns();
  readonly #breathing = new Breathing();
  #isClosed = false;
  #hasMoveTable = false;
  #transactions = 0;

  /** @throws `ConfigError` for a path or an option that cannot be used, `StorageError` for a damaged file. */
  constructor(options: SqliteDatabaseOptions) {
    const { path, timeoutMs = 60_000, maxBytes, clock = systemClock } = options;
    if (typeof path !== "string" || path === "" || path.includes("\0") || path === ":memory:") {
      throw new ConfigError(`path must be the path of a file, not ${JSON.stringify(path)}.`);
    }
    requirePositive("timeoutMs", timeoutMs);
    if (maxBytes !== undefined) requirePositive("maxBytes", maxBytes);
    this.path = resolve(path);
    this.clock = clock;
    this.knownMigrations = options.knownMigrations ?? migrations;
    this.#timeoutMs = timeoutMs;
    prepareFile(this.path, options.fileSystemType ?? systemFileSystemType);
    this.#writer = openConnection(this.path, 0);
    try {
      useLog(this.#writer);
      this.#writer.execute(writerSettings);
      this.#writer.execute(`PRAGMA synchronous = ${options.durable === false ? "NORMAL" : "FULL"}`);
      if (maxBytes !== undefined) limitSize(this.#writer, maxBytes);
      this.#reader = openConnection(this.path, patienceMs);
      this.#reader.execute(readerSettings);
    } catch (error) {
      this.#writer.close();
      throw error;
    }
    // SQLite has just created the files next to it.
    prepareFile(this.path, options.fileSystemType ?? systemFileSystemType);
  }

  /** The time, in whole milliseconds since 1970. */
  now(): number {
    return Math.floor(this.clock.now());
  }

  /** Reads what was committed last, whoever is writing. */
  async read<Result>(work: (statements: Statements) => Result): Promise<Result> {
    await this.#breathing.breathe();
    this.#requireOpen();
    return work(this.#reader);
  }

  /** The header of the file. */
  header(): Header {
    return readHeader(this.#reader);
  }

  /**
   * Runs `work` in one transaction that has the file to itself. Rolls back and rethrows what it throws. Work that
   * answers with a promise may wait for others for {@link OpenTransaction.limitMs}.
   *
   * @param urgent - goes before others of this process that wait for their turn.
   * @param evenIfMoved - for what moves the data, and for what changes the tables.
   */
  async transaction<Result>(
    work: (transaction: OpenTransaction) => Result | Promise<Result>,
    { urgent = false, evenIfMoved = false }: TransactionOptions = {},
  ): Promise<Result> {
    const done = await this.#turns.take(urgent);
    try {
      await this.#breathing.breathe();
      const end = performance.now() + this.#timeoutMs;
      for (;;) {
        await this.#begin(end);
        const transaction = new OpenTransaction(this.#writer, this.path);
        try {
          if (!evenIfMoved) this.#requireNotMoved(transaction);
          const answer = work(transaction);
          const result = answer instanceof Promise ? await this.#inTime(answer, transaction) : answer;
          transaction.commit();
          this.#boundLog();
          return result;
        } catch (error) {
          transaction.rollback();
          if (!(error instanceof BusyError) || performance.now() > end) throw error;
        }
      }
    } finally {
      done();
    }
  }

  async close(): Promise<void> {
    const done = await this.#turns.take(false);
    try {
      if (this.#isClosed) return;
      this.#isClosed = true;
      // The writing connection is closed last: it checkpoints the log.
      this.#reader.close();
      this.#writer.close();
    } finally {
      done();
    }
  }

  /** Waits without blocking the process, unlike SQLite's own waiting. */
  async #begin(end: number): Promise<void> {
    for (;;) {
      this.#requireOpen();
      try {
        return this.#writer.execute("BEGIN IMMEDIATE");
      } catch (error) {
        if (!(error instanceof BusyError) || performance.now() > end) throw error;
      }
      await systemClock.sleep(1 + Math.random() * longestPauseMs);
    }
  }

  async #inTime<Result>(answer: Promise<Result>, transaction: OpenTransaction): Promise<Result> {
    const { limitMs } = transaction;
    if (!Number.isFinite(limitMs)) return await answer;
    return await inTime(() => answer, {
      clock: this.clock,
      ms: limitMs,
      late: () =>
        new SinkTimeoutError(`The record sink held a transaction open for more than ${limitMs} ms.`, {
          hint: "Everybody else who writes to the file waits for it. Let `writeIn` wait for nothing but its statements.",
        }),
    });
  }

  /** Readers that overlap without a gap prevent the log from restarting: it would grow endlessly. */
  #boundLog(): void {
    this.#transactions += 1;
    if (this.#transactions % looksEvery !== 0) return;
    const { size } = statSync(`${this.path}-wal`, { throwIfNoEntry: false }) ?? { size: 0 };
    if (size <= longestLog) return;
    this.#writer.execute(`PRAGMA busy_timeout = ${longestCheckpointMs}`);
    try {
      this.#writer.get("PRAGMA wal_checkpoint(RESTART)");
    } catch (error) {
      // Another process is doing it, or a reader is slow: the next check will try again.
      if (!(error instanceof BusyError)) throw error;
    } finally {
      this.#writer.execute("PRAGMA busy_timeout = 0");
    }
  }

  #requireNotMoved(transaction: OpenTransaction): void {
    this.#hasMoveTable ||= hasMoveTable(transaction);
    if (this.#hasMoveTable) requireNotMoved(transaction, this.now());
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new StorageError("The database was closed.");
  }
}

/**
 * Opens a database file, for a storage and a sink that write in the same transactions. {@link migrate} creates the
 * tables. Call `close` when you no longer need it.
 *
 * @throws `ConfigError` when the path cannot be used, `StorageError` when the file is damaged.
 *
 * @example
 * const database = openSqlite({ path: ".titan-sync/titan-sync.db" });
 * await migrate({ database });
 * const storage = sqliteStorage({ database });
 * const sink = sqliteSink({ database });
 */
export function openSqlite(options: SqliteDatabaseOptions): SqliteDatabase {
  return new Database(options);
}

/** A database to work with, and what to do when that is over. */
export interface OpenTarget {
  readonly database: Database;
  /** Closes what was opened here. */
  close(): Promise<void>;
}

/** Opens what was named by its path; what others opened stays theirs. */
export function openTarget(target: SqliteTarget): OpenTarget {
  if (!("database" in target)) {
    const database = new Database(target);
    return { database, close: () => database.close() };
  }
  if (!(target.database instanceof Database)) {
    throw new ConfigError("database must be what `openSqlite` gave.");
  }
  return { database: target.database, close: async () => undefined };
}

function openConnection(path: string, timeout: number): Connection {
  const { DatabaseSync } = loadNodeSqlite();
  let opened: DatabaseSync;
  try {
    opened = new DatabaseSync(path, { timeout, enableForeignKeyConstraints: true });
  } catch (error) {
    throw toStorageError(error);
  }
  return new Connection(opened);
}

/** Turns the log on. Waits for another process that is doing the same, or is recovering the file. */
function useLog(connection: Connection): void {
  const end = performance.now() + patienceMs;
  for (;;) {
    try {
      const mode = connection.get<{ journal_mode: string }>("PRAGMA journal_mode = WAL")?.journal_mode;
      if (mode === "wal") return;
      throw new ConfigError(
        `The file system of the database cannot keep a write-ahead log (it kept ${mode}).`,
        {
          hint: "Use a local disk.",
        },
      );
    } catch (error) {
      if (!(error instanceof BusyError) || performance.now() > end) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, longestPauseMs);
  }
}

function limitSize(connection: Connection, maxBytes: number): void {
  const { page_size: size = 4096 } = connection.get<{ page_size: number }>("PRAGMA page_size") ?? {};
  connection.get(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / size))}`);
}

function requirePositive(name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new ConfigError(`${name} must be more than 0, not ${JSON.stringify(value)}.`);
}
