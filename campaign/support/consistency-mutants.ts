import type { Mutant } from "./mutant.js";

const verifying = "packages/core/src/consistency/verify.test.ts";
const restoring = "test/sync/restore.test.ts";

/** Mistakes in how a full sync repairs a sink, and in what a check compares. */
export const consistencyMutants: readonly Mutant[] = [
  {
    mistake: "a full sync believes the storage about what the sink has",
    file: "packages/core/src/sync/derive/compare-sink.ts",
    original: 'request.mode === "full" && request.range === null',
    replacement: 'request.mode === "full" && request.range !== null',
    test: {
      file: restoring,
      title: "ends in the same state as an undisturbed one after the next full sync, with a newer sink",
    },
  },
  {
    mistake: "a full sync leaves records alone that only the sink knows of",
    file: "packages/core/src/sync/derive/compare-sink.ts",
    original: "if (unknown.length > 0)",
    replacement: "if (unknown.length < 0)",
    test: {
      file: restoring,
      title: "ends in the same state as an undisturbed one after the next full sync, with a newer sink",
    },
  },
  {
    mistake: "what the sink has at another revision counts as delivered",
    file: "packages/core/src/sync/derive/derive-batch.ts",
    original: "held === null || heldRevision === current?.revision",
    replacement: "held === null || heldRevision !== current?.revision || heldRevision === current.revision",
    test: {
      file: restoring,
      title: "ends in the same state as an undisturbed one after the next full sync, with a newer sink",
    },
  },
  {
    mistake: "a check asks the sink only for what was delivered",
    file: "packages/core/src/consistency/compare-sink.ts",
    original: "hasMore.add(keys.filter((key) => !current.has(key)));",
    replacement: "hasMore.add(keys.filter((key) => key.length > 999 && !current.has(key)));",
    test: { file: verifying, title: "names records that the sink lacks" },
  },
  {
    mistake: "a check compares while a run works on the tenant",
    file: "packages/core/src/consistency/compare-runs.ts",
    original: "lease.endsInMs > 0",
    replacement: "lease.endsInMs > 1e12",
    test: {
      file: verifying,
      title: "skips a live run, and names one whose owner died or that has been paused for long",
    },
  },
  {
    mistake: "a check takes rows that wait for a sync for lost ones",
    file: "packages/core/src/consistency/compare-feeds.ts",
    original: "-missing - unreadable > changed",
    replacement: "-missing - unreadable > changed - total",
    test: {
      file: verifying,
      title: "finds nothing if nothing is wrong, even after changes that no sync has read",
    },
  },
  {
    mistake: "rows that the suppression list keeps out count as missing",
    file: "packages/core/src/consistency/compare-feeds.ts",
    original: "total - live - rejected - (suppressed ?? 0)",
    replacement: "total - live - rejected",
    test: {
      file: verifying,
      title: "counts rows of erased customers as suppressed, from the next full sync on",
    },
  },
  {
    mistake: "a list that was lifted still explains what is missing",
    file: "packages/core/src/consistency/compare-feeds.ts",
    original: "if (since === null) return 0;",
    replacement: "since ??= 0;",
    test: {
      file: verifying,
      title: "counts rows of erased customers as suppressed, from the next full sync on",
    },
  },
  {
    mistake: "a feed that the company leaves out is compared",
    file: "packages/core/src/consistency/compare-feeds.ts",
    original: "!feedsOff.includes(name)",
    replacement: 'name !== ""',
    test: {
      file: verifying,
      title: "compares no feed that the company has turned off, even if it landed earlier",
    },
  },
];
