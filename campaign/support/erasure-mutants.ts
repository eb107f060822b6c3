import type { Mutant } from "./mutant.js";

const syncing = "test/sync/memory.test.ts";
const keepsOut = "suppresses it on every read path, counts its rows, and removes nothing else because of it";
const memorySuite = "packages/core/src/memory/memory-storage.test.ts";
const databaseSuite = "packages/postgres/src/storage/postgres-storage.integration.test.ts";
const seenAnyway = "counts an entity as seen whose row was suppressed";
const page = "packages/core/src/sync/read/suppressed-in-page.test.ts";
const owned = "packages/core/src/erasure/owned-data.test.ts";

/** Against what holds of erased customers. */
export const erasureMutants: readonly Mutant[] = [
  {
    mistake: "a feed that is read lands rows of suppressed customers",
    file: "packages/core/src/sync/read/land-feed.ts",
    original: "dropSuppressed(feed, checked, list)",
    replacement: "{ ...checked, suppressed: [] }",
    test: { file: syncing, title: keepsOut },
  },
  {
    mistake: "a replay lands rows of suppressed customers",
    file: "packages/core/src/sync/read/replay-rejections.ts",
    original: "dropSuppressed(feed, usable, await context.suppressed())",
    replacement: "{ ...usable, suppressed: [] }",
    test: {
      file: "test/records/replayed-rejections.test.ts",
      title: "does not land the row of an erased customer, and deletes it",
    },
  },
  {
    mistake: "broken rows of suppressed customers are kept as rejections",
    file: "packages/core/src/sync/read/suppressed-in-page.ts",
    original: "rejections: rejections.filter(({ entityId, payload }) =>\n      isKept(",
    replacement:
      "rejections: rejections.filter(({ entityId, payload }) =>\n      payload === payload || isKept(",
    test: {
      file: page,
      title: "include no broken row that names a suppressed customer, but keep the rejections of others",
    },
  },
  {
    mistake: "a row that names no customer is never suppressed",
    file: "packages/core/src/sync/read/suppressed-in-page.ts",
    original: "return [{ feed: feed.name, id }, ...targets].some(",
    replacement: "return targets.slice(9).some(",
    test: {
      file: page,
      title: "include no row that names nobody and was erased with a customer, or is linked to such a row",
    },
  },
  {
    mistake: "a suppressed row does not count as seen, in memory",
    file: "packages/core/src/memory/landing-store.ts",
    original: "[...landed, ...rejected, ...suppressed]",
    replacement: "[...landed, ...rejected]",
    test: { file: memorySuite, title: seenAnyway },
  },
  {
    mistake: "a suppressed row does not count as seen, in the database",
    file: "packages/postgres/src/storage/land.ts",
    original: "[...landed, ...rejected, ...suppressed]",
    replacement: "[...landed, ...rejected]",
    test: { file: databaseSuite, title: seenAnyway },
  },
  {
    mistake: "an erasure leaves what hangs on the customer without naming it",
    file: "packages/core/src/erasure/owned-data.ts",
    original: "      await follow(ownership, reader, found, next.feed, next.entities, enqueue);\n",
    replacement: "",
    test: { file: owned, title: "includes rows linked to it in either direction, over any number of steps" },
  },
  {
    mistake: "an erasure takes what another customer's row names too",
    file: "packages/core/src/erasure/owned-data.ts",
    original: "unnamed.filter(({ id }) => !others.has(id))",
    replacement: 'unnamed.filter(({ id }) => others.has(id) || id !== "")',
    test: {
      file: owned,
      title: "excludes rows that another customer's row names, and rows that name another customer",
    },
  },
  {
    mistake: "an erasure leaves refused records of others that were joined with the customer's job",
    file: "packages/core/src/erasure/erase-customer.ts",
    original: "...refusedAmong(withdrawn.requeued, owned)",
    replacement: "",
    test: { file: syncing, title: "in refused records of others that were joined with its job" },
  },
  {
    mistake: "a refused removal takes those with it that were written before",
    file: "packages/core/src/erasure/erase-customer.ts",
    original: "writer.writeIn(transaction, attempt, batch, signal)",
    replacement: "writer.writeIn(transaction, (work) => work(), batch, signal)",
    test: { file: "test/sync/memory.test.ts", title: "names the one record whose removal the sink refused" },
  },
];
