import type { Mutant } from "./mutant.js";

const databaseSinkSuite = "packages/postgres/src/sink/postgres-sink.integration.test.ts";

/** Mistakes in delivering records to sinks and files. */
export const deliveryMutants: readonly Mutant[] = [
  {
    mistake: "at the boundary: an equal revision is written again by the sink",
    file: "packages/postgres/src/sink/write-batch.ts",
    original: 'changes.join(", ")}\n    WHERE known.revision < excluded.revision',
    replacement: 'changes.join(", ")}\n    WHERE known.revision <= excluded.revision',
    test: {
      file: databaseSinkSuite,
      title: "mark a record to be processed again when it changes, not when it is sent twice",
    },
  },
  {
    mistake: "a row that changes uses up an id",
    file: "packages/postgres/src/sink/write-batch.ts",
    original: "batch, changed, ids)",
    replacement: "batch, changed, null)",
    test: { file: databaseSinkSuite, title: "use up no ids for rows that change" },
  },
  {
    mistake: "a refused part fails its batch whole",
    file: "packages/core/src/sync/sink/write-without-refused.ts",
    original: "if (!isRefusal(error)) throw error;",
    replacement: "throw error;",
    test: { file: "test/sync/failing-sinks.test.ts", title: "and refuses records loses only these" },
  },
  {
    mistake: "an outage makes rejections",
    file: "packages/core/src/sync/sink/write-without-refused.ts",
    original: 'return TitanSyncError.is(error) && error.code === "RECORD_REFUSED";',
    replacement: "return error !== null;",
    test: {
      file: "packages/core/src/sync/sink/write-without-refused.test.ts",
      title: "is passed on and rejects nothing",
    },
  },
  {
    mistake: "newer items overtake a kept batch",
    file: "packages/core/src/sync/deliver/deliver-batch.ts",
    original: "ids: content.settled.map((item) => item.id)",
    replacement: "ids: []",
    test: {
      file: "test/sync/failing-sinks.test.ts",
      title:
        "for one batch affects only that batch: others of its type are delivered, and its records wait for it",
    },
  },
  {
    mistake: "a failing batch stops its record type",
    file: "packages/core/src/sync/deliver/deliver-batch.ts",
    original: "const maxConsecutiveFailures = 2;",
    replacement: "const maxConsecutiveFailures = 1;",
    test: {
      file: "test/sync/failing-sinks.test.ts",
      title:
        "for one batch affects only that batch: others of its type are delivered, and its records wait for it",
    },
  },
  {
    mistake: "a file that could not be written leaves its half",
    file: "packages/core/src/sinks/atomic-file.ts",
    original: "await rm(temporary, { force: true });\n    throw error;",
    replacement: "throw error;",
    test: {
      file: "packages/core/src/sinks/atomic-file.test.ts",
      title: "leaves only the old one if writing fails",
    },
  },
  {
    mistake: "a sink has all the time in the world",
    file: "packages/core/src/sync/sink/call-sink.ts",
    original: "return await waitFor(timeoutMs, ",
    replacement: "return await waitFor(Number.MAX_SAFE_INTEGER, ",
    test: {
      file: "packages/core/src/sync/sink/call-sink.test.ts",
      title: "is abandoned at its deadline, which its signal and the error name",
    },
  },
  {
    mistake: "a reason is stored as it came",
    file: "packages/core/src/sync/sink/sink-answer.ts",
    original: ".toWellFormed()",
    replacement: "",
    test: { file: "test/sync/failing-sinks.test.ts", title: "in a reason is stored clean and short" },
  },
  {
    mistake: "a refused removal is forgotten",
    file: "packages/core/src/sync/deliver/deliver-batch.ts",
    original: 'staysPending: item.outcome === "removed"',
    replacement: "staysPending: false",
    test: {
      file: "test/sync/failing-sinks.test.ts",
      title: "that refuses a removal causes the next run to send it again, until it is accepted",
    },
  },
];
