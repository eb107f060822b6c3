import type { Mutant } from "./mutants.js";

const memorySuite = "packages/core/src/memory/memory-storage.test.ts";
const databaseSuite = "packages/postgres/src/storage/postgres-storage.integration.test.ts";
const syncing = "test/sync/memory.test.ts";

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
    original: "greatest(${leastRevision}, (",
    replacement: "greatest(1, (",
    test: { file: databaseSuite, title: "before its tenant's data was removed at a higher revision" },
  },
  {
    mistake: "a returning record keeps the revision of its removal",
    file: "packages/postgres/src/storage/claim.ts",
    original: "SELECT delivered.revision + 1 FROM",
    replacement: "SELECT delivered.revision FROM",
    test: { file: databaseSuite, title: "above what was last delivered of it, be that a removal" },
  },
  {
    mistake: "an erased record is removed below the clock",
    file: "packages/core/src/sync/withdraw-records.ts",
    original: "Math.max(revision + 1, leastRevision)",
    replacement: "revision + 1",
    test: {
      file: "packages/core/src/sync/withdraw-records.test.ts",
      title: "goes beyond what a table that is gone may have given",
    },
  },
  {
    mistake: "every batch is claimed from the lowest key",
    file: "packages/core/src/sync/derive-records.ts",
    original: "\n      after,\n      limit: context.batchSize",
    replacement: "\n      after: null,\n      limit: context.batchSize",
    test: { file: syncing, title: "claims each batch from the last key of the one before" },
  },
];
