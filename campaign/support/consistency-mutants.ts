import type { Mutant } from "./mutants.js";

const restoring = "test/sync/restore.test.ts";

/** Mistakes in how a full sync mends a sink, and in what a check compares. */
export const consistencyMutants: readonly Mutant[] = [
  {
    mistake: "a full sync believes the storage about what the sink has",
    file: "packages/core/src/sync/compare-sink.ts",
    original: 'request.mode === "full" && request.range === null',
    replacement: 'request.mode === "full" && request.range !== null',
    test: { file: restoring, title: "ends with what was never disturbed after the next full sync" },
  },
  {
    mistake: "a full sync leaves records alone that only the sink knows of",
    file: "packages/core/src/sync/compare-sink.ts",
    original: "if (strangers.length > 0)",
    replacement: "if (strangers.length < 0)",
    test: { file: restoring, title: "ends with what was never disturbed after the next full sync" },
  },
  {
    mistake: "what the sink has at another revision counts as delivered",
    file: "packages/core/src/sync/derive-batch.ts",
    original: "held === null || heldRevision === current?.revision",
    replacement: "held === null || heldRevision !== current?.revision || heldRevision === current.revision",
    test: { file: restoring, title: "ends with what was never disturbed after the next full sync" },
  },
];
