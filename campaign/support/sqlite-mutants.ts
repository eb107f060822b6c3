import type { Mutant } from "./mutant.js";

const writers = "packages/sqlite/src/storage/writers.test.ts";
const files = "packages/sqlite/src/database/database.test.ts";
const suite = "packages/sqlite/src/storage/sqlite-storage.test.ts";

/** Against what only a database has that is shared by processes and holds its own up. */
export const sqliteMutants: readonly Mutant[] = [
  {
    mistake: "nobody brings the log back to its beginning while others read",
    file: "packages/sqlite/src/database/database.ts",
    original: "if (size <= longestLog) return;",
    replacement: "if (size >= 0) return;",
    test: {
      file: "packages/sqlite/src/database/log-size.test.ts",
      title: "keeps the log bounded while others read without a gap",
    },
  },
  {
    mistake: "statements follow one another without a pause",
    file: "packages/sqlite/src/database/breathing.ts",
    original: "const longestMs = 10;",
    replacement: "const longestMs = 1e9;",
    test: { file: writers, title: "blocked timers while it landed, claimed and read without a pause" },
  },
  {
    mistake: "a heartbeat queues behind what its process wants to write",
    file: "packages/sqlite/src/storage/run-lease.ts",
    original: "{ urgent: true }",
    replacement: "{ urgent: false }",
    test: { file: writers, title: "queued behind everything else" },
  },
  {
    mistake: "a sink may hold a transaction open for longer than a third of the lease",
    file: "packages/sqlite/src/storage/settle.ts",
    original: "const shareOfLease = 1 / 3;",
    replacement: "const shareOfLease = 3;",
    test: {
      file: writers,
      title: "could take longer than a third of the lease, so that another process's heartbeat was too late",
    },
  },
  {
    mistake: "a run's own lease ages while its sink waits",
    file: "packages/sqlite/src/storage/settle.ts",
    original: "expiresAt: now + holder.leaseMs",
    replacement: "expiresAt: now + 1000",
    test: {
      file: writers,
      title: "let the lease of its own run expire, whose heartbeats wait for the transaction",
    },
  },
  {
    mistake: "what is left of a transaction goes on after its time",
    file: "packages/sqlite/src/database/open-transaction.ts",
    original: "if (!this.#isOver) return this.#connection;",
    replacement: "if (this.#limitMs > 0) return this.#connection;",
    test: { file: writers, title: "blocked all other writers for as long as it liked" },
  },
  {
    mistake: "a writer that meets another one gives up",
    file: "packages/sqlite/src/database/database.ts",
    original: "const end = performance.now() + this.#timeoutMs;",
    replacement: "const end = performance.now();",
    test: { file: files, title: "failed because the database was locked when they collided" },
  },
  {
    mistake: "a commit is acknowledged before it is on the disk",
    file: "packages/sqlite/src/database/database.ts",
    original: 'options.durable === false ? "NORMAL" : "FULL"',
    replacement: 'options.durable === false ? "NORMAL" : "NORMAL"',
    test: {
      file: files,
      title: "acknowledged writes before they were on disk, or did not enforce foreign keys",
    },
  },
  {
    mistake: "the file is open to everybody",
    file: "packages/sqlite/src/database/data-file.ts",
    original: "const forOwnerOnly = 0o600;",
    replacement: "const forOwnerOnly = 0o644;",
    test: { file: files, title: "could be read by everybody" },
  },
  {
    mistake: "the file of a newer version is worked with",
    file: "packages/core/src/support/migrations.ts",
    original: "if (current <= latest) return;",
    replacement: "if (latest >= 0) return;",
    test: { file: files, title: "of a newer version was used" },
  },
  {
    mistake: "a lookup by id takes whatever index SQLite likes",
    file: "packages/sqlite/src/storage/landed-rows.ts",
    original: "FROM json_each(?3) wanted CROSS JOIN entities entity INDEXED BY entities_by_id",
    replacement: "FROM entities entity NOT INDEXED JOIN json_each(?3) wanted",
    test: { file: suite, title: "storage on SQLite" },
  },
];
