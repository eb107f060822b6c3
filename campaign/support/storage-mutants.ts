import type { Mutant } from "./mutant.js";

const memorySuite = "packages/core/src/memory/memory-storage.test.ts";
const databaseSuite = "packages/postgres/src/storage/postgres-storage.integration.test.ts";
const twoOwners = "packages/core/src/memory/two-owners.test.ts";

/** Mistakes in what storages keep, in memory and in PostgreSQL. */
export const storageMutants: readonly Mutant[] = [
  {
    mistake: "an older entity replaces a newer one, in memory",
    file: "packages/core/src/memory/feed-entities.ts",
    original: 'modified > modifiedBefore ? "landed" : "superseded"',
    replacement: '"landed"',
    test: { file: memorySuite, title: "decides by time, then source" },
  },
  {
    mistake: "an older entity replaces a newer one, in the database",
    file: "packages/postgres/src/storage/merge-entities.ts",
    original: "coalesce(incoming.modified_on, '') < coalesce(stored.modified_on, '') THEN 'superseded'",
    replacement: "coalesce(incoming.modified_on, '') < coalesce(stored.modified_on, '') THEN 'landed'",
    test: { file: databaseSuite, title: "decides by time, then source" },
  },
  {
    mistake: "the fence is removed, in memory",
    file: "packages/core/src/memory/run-table.ts",
    original: "owner !== undefined && isOwner && this.#isAlive",
    replacement: "owner !== undefined && this.#isAlive",
    test: { file: twoOwners, title: "never write under a stale lease" },
  },
  {
    mistake: "the fence is removed, in the database",
    file: "packages/postgres/src/storage/lease-holder.ts",
    original: "AND lease.fence = $6",
    replacement: "AND $6::bigint IS NOT NULL",
    test: { file: databaseSuite, title: "by an owner whose run was taken over, and changes nothing" },
  },
  {
    mistake: "a lease that has expired is good, in the database",
    file: "packages/postgres/src/storage/lease-holder.ts",
    original: "\n      AND lease.expires_at > clock_timestamp()",
    replacement: "",
    test: { file: databaseSuite, title: "under an expired lease, and changes nothing" },
  },
  {
    mistake: "the cursor is saved before the rows, in its own transaction",
    file: "packages/postgres/src/storage/land.ts",
    original: "await lockFeed(transaction, tables, owner, feed, params.cursor, names);",
    replacement: "await lockFeed(database, tables, owner, feed, params.cursor, names);",
    test: {
      file: "packages/postgres/src/storage/landing.integration.test.ts",
      title: "saves no cursor if its rows do not land",
    },
  },
  {
    mistake: "the sequence is ignored when settling, in memory",
    file: "packages/core/src/memory/pending-keys.ts",
    original: "if (key.sequence === sequence) this.#keys.delete(id);",
    replacement: "if (sequence >= 0) this.#keys.delete(id);",
    test: { file: twoOwners, title: "lose no change" },
  },
  {
    mistake: "the sequence is ignored when settling, in the database",
    file: "packages/postgres/src/storage/settle.ts",
    original: "(item.entity_id, item.sequence) IN (SELECT * FROM unnest($5::bigint[], $6::bigint[]))",
    replacement: "item.entity_id IN (SELECT id FROM unnest($5::bigint[], $6::bigint[]) read (id, sequence))",
    test: { file: databaseSuite, title: "does not remove a key at an earlier sequence" },
  },
  {
    mistake: "a claim of a dead owner is never void",
    file: "packages/postgres/src/storage/claim.ts",
    original: "AND item.claimed_fence IS DISTINCT FROM $5${",
    replacement: "AND item.claimed_fence IS NULL AND $5::bigint IS NOT NULL${",
    test: { file: databaseSuite, title: "voids the claims of a dead owner" },
  },
  {
    mistake: "a lower revision replaces a higher one",
    file: "packages/postgres/src/storage/settle.ts",
    original: "WHERE known.revision <= excluded.revision",
    replacement: "WHERE known.revision >= 0",
    test: { file: databaseSuite, title: "never goes back to a lower revision" },
  },
  {
    mistake: "at the boundary: a lease lasts up to its end included",
    file: "packages/core/src/memory/run-table.ts",
    original: "owner.expiresAt > this.#clock.now()",
    replacement: "owner.expiresAt >= this.#clock.now()",
    test: { file: twoOwners, title: "never write under a stale lease" },
  },
  {
    mistake: "the request to cancel a run reaches the next one",
    file: "packages/postgres/src/storage/begin.ts",
    original: ", cancel_requested_by = NULL",
    replacement: "",
    test: {
      file: databaseSuite,
      title: "ends a run whose owner died before it noticed, when the next one starts",
    },
  },
  {
    mistake: "a run is cancelled under the hands of its owner",
    file: "packages/postgres/src/storage/request-cancel.ts",
    original: "\n      AND lease.expires_at > clock_timestamp()",
    replacement: " AND false",
    test: { file: databaseSuite, title: "tells the owner with its heartbeats who asked first" },
  },
  {
    mistake: "at the boundary: exactly the share that may vanish is held back",
    file: "packages/postgres/src/storage/sweep.ts",
    original: "absent > maxShare * total",
    replacement: "absent >= maxShare * total",
    test: { file: databaseSuite, title: "marks entities that are exactly the given share" },
  },
  {
    mistake: "at the boundary: a run that started just then is outside of the filter",
    file: "packages/postgres/src/storage/run-history.ts",
    original: "`run.started_at >= ",
    replacement: "`run.started_at > ",
    test: { file: databaseSuite, title: "filters runs" },
  },
  {
    mistake: "at the boundary: on a tie the row that was there first stays",
    file: "packages/postgres/src/storage/merge-entities.ts",
    original: "WHEN coalesce(incoming.modified_on, '') < coalesce(stored.modified_on, '')",
    replacement: "WHEN coalesce(incoming.modified_on, '') <= coalesce(stored.modified_on, '')",
    test: { file: databaseSuite, title: "decides by time, then source" },
  },
  {
    mistake: "a limit of time that a host has set lower is raised",
    file: "packages/postgres/src/database/time-limits.ts",
    original: "least(",
    replacement: "greatest(",
    test: {
      file: "packages/postgres/src/database/database.integration.test.ts",
      title: "applies the lower limit to a transaction's time: a host's limit of",
    },
  },
  {
    mistake: "a full pass heals nothing",
    file: "packages/core/src/memory/land.ts",
    original: "healsBefore !== null && (removed",
    replacement: 'healsBefore !== null && id === "" && (removed',
    test: { file: "campaign/healing.campaign.ts", title: "heals any change of times and rows" },
  },
  {
    mistake: "a full pass puts an older row over one that landed just now",
    file: "packages/postgres/src/storage/merge-entities.ts",
    original: "AND (stored.removed OR stored.landed_at < ",
    replacement: "AND (true OR stored.landed_at < ",
    test: {
      file: databaseSuite,
      title: "does not replace a row that landed since the given time with an older one",
    },
  },
  {
    mistake: "a full pass puts an older row over one that it has seen",
    file: "packages/core/src/memory/land.ts",
    original: " && !isSeen(id)",
    replacement: "",
    test: {
      file: memorySuite,
      title: "does not replace a row that the run has seen, even unchanged, with an older one",
    },
  },
  {
    mistake: "the sweep takes what was landed after the pass began",
    file: "packages/core/src/memory/sweep.ts",
    original: "row.landedAt <= (spareAfter ?? Number.POSITIVE_INFINITY)",
    replacement: "row.landedAt >= 0",
    test: { file: memorySuite, title: "spares what has landed since the given time" },
  },
  {
    mistake: "a removed entity loses a tie",
    file: "packages/core/src/memory/feed-entities.ts",
    original: 'if (before.removed) return "landed";',
    replacement: "",
    test: { file: memorySuite, title: "restores an entity that a list shows with the time that it had" },
  },
  {
    mistake: "retention drops the only copy of a broken row",
    file: "packages/postgres/src/storage/prune.ts",
    original: "AND stage <> 'structure' AND payload IS NOT NULL",
    replacement: "AND payload IS NOT NULL",
    test: { file: databaseSuite, title: "prunes payloads that can be derived again" },
  },
  {
    mistake: "a step of pruning takes the newest of what is old",
    file: "packages/core/src/memory/rejection-table.ts",
    original: ".slice(-limit)",
    replacement: ".slice(0, limit)",
    test: {
      file: memorySuite,
      title: "deletes the oldest first, no more than the limit, and returns 0 when nothing is left",
    },
  },
  {
    mistake: "retention ends a run under the hands of its owner",
    file: "packages/postgres/src/storage/end-abandoned.ts",
    original: "AND lease.expires_at > clock_timestamp()",
    replacement: "AND false",
    test: { file: databaseSuite, title: "ends runs that nobody has worked on for long" },
  },
  {
    mistake: "a change of fields that records show touches nothing",
    file: "packages/core/src/memory/land.ts",
    original: "    before.usedHash !== after.usedHash ||\n",
    replacement: "",
    test: {
      file: memorySuite,
      title: "queues nothing for a change that no record shows, but stores the row",
    },
  },
  {
    mistake: "a change that no record shows derives the customer's history",
    file: "packages/postgres/src/storage/merge-entities.ts",
    original: "WHERE verdict = 'landed' AND shows)",
    replacement: "WHERE verdict = 'landed')",
    test: {
      file: databaseSuite,
      title: "queues nothing for a change that no record shows, but stores the row",
    },
  },
  {
    mistake: "what a refused part wrote stays, in the database",
    file: "packages/postgres/src/database/open-transaction.ts",
    original:
      'await this.query("ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt").catch(() => undefined);',
    replacement: "await Promise.resolve();",
    test: {
      file: "packages/postgres/src/sink/postgres-sink.integration.test.ts",
      title: "reject only the refused item, and return the same result when the batch is sent again",
    },
  },
];
