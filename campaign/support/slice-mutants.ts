import type { Mutant } from "./mutant.js";

const memorySuite = "packages/core/src/memory/memory-storage.test.ts";
const databaseSuite = "packages/postgres/src/storage/postgres-storage.integration.test.ts";
const syncing = "test/sync/memory.test.ts";
const slices = "test/sync/slices.test.ts";
const windows = "packages/core/src/extract/window-reader.test.ts";

/** Against what holds over several runs, and over several slices of one. */
export const sliceMutants: readonly Mutant[] = [
  {
    mistake: "revisions begin again with their table, in memory",
    file: "packages/core/src/memory/delivered-records.ts",
    original: "Math.max(least, (this",
    replacement: "Math.max(1, (this",
    test: { file: memorySuite, title: "before its tenant's data was removed at a higher revision" },
  },
  {
    mistake: "revisions begin again with their table, in the database",
    file: "packages/postgres/src/storage/claim.ts",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in the source
    original: "greatest(${minRevision}, (",
    replacement: "greatest(1, (",
    test: { file: databaseSuite, title: "before its tenant's data was removed at a higher revision" },
  },
  {
    mistake: "a returning record keeps the revision of its removal",
    file: "packages/postgres/src/storage/claim.ts",
    original: "SELECT delivered.revision + 1 FROM",
    replacement: "SELECT delivered.revision FROM",
    test: {
      file: databaseSuite,
      title: "claims a key at a revision above the last delivered one, even if that was a removal",
    },
  },
  {
    mistake: "related feeds are polled twice in every slice of a run that has landed something",
    file: "packages/core/src/sync/read/read-feeds.ts",
    original: "landedByDrivers() > landedBefore",
    replacement: "landedByDrivers() > 0 * landedBefore",
    test: {
      file: slices,
      title: "a slice polls related feeds again only if it has landed something of a driver itself",
    },
  },
  {
    mistake: "an erased record is removed below the clock",
    file: "packages/core/src/erasure/withdraw-records.ts",
    original: "Math.max(revision + 1, minRevision)",
    replacement: "revision + 1",
    test: {
      file: "packages/core/src/erasure/withdraw-records.test.ts",
      title: "uses a higher revision than a lost table may have assigned",
    },
  },
  {
    mistake: "every batch is claimed from the lowest key",
    file: "packages/core/src/sync/derive/derive-records.ts",
    original: "\n      after,\n      limit: context.batchSize",
    replacement: "\n      after: null,\n      limit: context.batchSize",
    test: {
      file: syncing,
      title: "claims each batch from the last key of the previous one, and keys queued meanwhile at the end",
    },
  },
  {
    mistake: "each slice lists all records again",
    file: "packages/core/src/sync/derive/enqueue-records.ts",
    original: "if (!isNews && known.done) return;",
    replacement: "",
    test: { file: slices, title: "rederive in slices of 1 steps ends" },
  },
  {
    mistake: "what lands while a first listing is under way is not listed",
    file: "packages/core/src/sync/read/read-feeds.ts",
    original: " || enqueued.has(record)",
    replacement: "",
    test: { file: slices, title: "what lands between two slices of a first load" },
  },
  {
    mistake: "a slice pauses before anything has moved on",
    file: "packages/core/src/sync/start-run.ts",
    original: "if (!hasMoved) await clock.sleep(maxOvertimeMs, timer.signal);",
    replacement: "",
    test: { file: slices, title: "a full sync in slices of 1 steps ends" },
  },
  {
    mistake: "a full pass of last month counts",
    file: "packages/core/src/sync/read/stale-passes.ts",
    original: "7 * 24 * 60",
    replacement: "70 * 24 * 60",
    test: { file: slices, title: "paused for more than seven days" },
  },
  {
    mistake: "what a stale full pass has seen counts for the new one",
    file: "packages/core/src/sync/read/stale-passes.ts",
    original: "    await storage.forgetSeenIds({ lease, scope, feed });\n",
    replacement: "",
    test: { file: slices, title: "paused for more than seven days" },
  },
  {
    mistake: "places outlive their run, in the database",
    file: "packages/postgres/src/storage/finish-run.ts",
    original: "run_places} WHERE run_number = $1",
    replacement: "run_places} WHERE run_number = -$1::bigint",
    test: { file: databaseSuite, title: "forgets how far a run had come when it ends completed" },
  },
  {
    mistake: "a range is read from its first page in each slice",
    file: "packages/core/src/sync/read/land-feed.ts",
    original: "pageSize, place } satisfies",
    replacement: "pageSize, place: null } satisfies",
    test: { file: slices, title: "a range in slices of 1 steps ends" },
  },
  {
    mistake: "a page is taken to follow although its list has shrunk",
    file: "packages/core/src/extract/list-reader.ts",
    original: "if (!isSteady && !reaches(span, place.lastId)) return null;",
    replacement: "",
    test: {
      file: "packages/core/src/extract/list-reader.test.ts",
      title: "misses no row that moves to the previous page because another one was removed",
    },
  },
  {
    mistake: "a total that is wrong is never believed",
    file: "packages/core/src/extract/list-reader.ts",
    original: 'reread.total === total ? "believed" : "again"',
    replacement: 'reread.total === total ? "again" : "again"',
    test: {
      file: "packages/core/src/extract/list-reader.test.ts",
      title: "is considered wrong once it repeats, with one warning",
    },
  },
  {
    mistake: "a sound row in a later part of a page clears the rejection of another version",
    file: "packages/core/src/sync/read/land-feed.ts",
    original: "const rejections = isLast ? dropped.rejections : [];",
    replacement: "const rejections = isFirst ? dropped.rejections : [];",
    test: {
      file: "packages/core/src/sync/read/land-page-parts.test.ts",
      title: "two versions of an id in a page above 2,000 rows cleared each other's rejection",
    },
  },
  {
    mistake: "a slice of a first load begins its window again",
    file: "packages/core/src/extract/window-reader.ts",
    original: "left = total, failures = 0 } = window;",
    replacement: "left = total, failures = 0 } = { ...window, left: window.rows };",
    test: { file: windows, title: "continues page by page, in any number of slices" },
  },
  {
    mistake: "a page of a window that shows an older state than those behind it counts",
    file: "packages/core/src/extract/window-reader.ts",
    original: "read.total <= total && isFull",
    replacement: "isFull",
    test: { file: windows, title: "although its pages arrived in another order" },
  },
  {
    mistake: "a window that is never complete is read again forever, in slices",
    file: "packages/core/src/extract/window-reader.ts",
    original: "from: window.from, to: window.to, rows: total, left, failures }",
    replacement: "from: window.from, to: window.to, rows: total, left }",
    test: {
      file: windows,
      title: "is abandoned once a page has not matched in five readings, in any number of slices",
    },
  },
  {
    mistake: "a broken version that is older than the sound one of its page is a rejection",
    file: "packages/core/src/quality/structure-check.ts",
    original: "if (isOlder(other, row) ||",
    replacement: "if (",
    test: {
      file: "packages/core/src/sync/read/land-page-parts.test.ts",
      title: "leaves no rejection of a version that is older than the valid one on its page",
    },
  },
  {
    mistake: "each slice replays from the first rejection",
    file: "packages/core/src/sync/read/replay-rejections.ts",
    original: "let cursor = known?.cursor ?? null;",
    replacement: "let cursor = null as string | null;",
    test: {
      file: "packages/core/src/sync/run/run-places.test.ts",
      title: "replaying continues where it stopped",
    },
  },
  {
    mistake: "each slice compares with the sink from its first record",
    file: "packages/core/src/sync/derive/compare-sink.ts",
    original: "let after = (await placeOf(context, work, placeSchema))?.after ?? null;",
    replacement: "let after = null as string | null;",
    test: {
      file: "packages/core/src/sync/run/run-places.test.ts",
      title: "comparing a full sync with the sink continues where it stopped",
    },
  },
];
