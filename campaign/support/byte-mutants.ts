import type { Mutant } from "./mutant.js";

const deriveMemory = "packages/core/src/sync/derive/derive-memory.test.ts";

const landFeed = "packages/core/src/sync/read/land-feed.test.ts";

/** Mistakes in how reading and deriving are bounded by bytes. */
export const byteMutants: readonly Mutant[] = [
  {
    mistake: "a batch is bounded by count alone",
    file: "packages/core/src/sync/derive/batch-parts.ts",
    original: "part.length > 0 && bytes + weigh() > maxBytes",
    replacement: "part.length > maxBytes",
    test: {
      file: deriveMemory,
      title: "exceeds its limit by at most one record, for any sizes, and every record is delivered",
    },
  },
  {
    mistake: "rows that records share count for each of them",
    file: "packages/core/src/sync/derive/batch-parts.ts",
    original: "counted.has(row.name) ? sum",
    replacement: "counted.size < 0 ? sum",
    test: { file: deriveMemory, title: "counts rows that several records share once" },
  },
  {
    mistake: "a batch keeps its room after it was delivered",
    file: "packages/core/src/sync/derive/derive-records.ts",
    original: "      release();\n      delivered += 1;",
    replacement: "      if (Number.isNaN(delivered)) release();\n      delivered += 1;",
    test: {
      file: deriveMemory,
      title: "exceeds its limit by at most one record, for any sizes, and every record is delivered",
    },
  },
  {
    mistake: "a failed record type keeps the room of what it derived ahead",
    file: "packages/core/src/async/byte-budget.ts",
    original: "      for (const reservation of open) reservation.release();\n",
    replacement: "",
    test: { file: deriveMemory, title: "is released when a record type fails" },
  },
  {
    mistake: "a batch is loaded before there is room for it",
    file: "packages/core/src/sync/derive/derive-parts.ts",
    original: "await share.reserve(part.bytes, signal)",
    replacement: "await share.reserve(0, signal)",
    test: { file: deriveMemory, title: "is reserved before a batch is loaded" },
  },
  {
    mistake: "a page that has landed stays in memory until a garbage collection",
    file: "packages/core/src/extract/page-source.ts",
    original: "received?.release();",
    replacement: "",
    test: { file: landFeed, title: "kept pages in memory that had landed, and whose room others had taken" },
  },
  {
    mistake: "the bytes of released rows stay in memory until a garbage collection",
    file: "packages/core/src/json/received-rows.ts",
    original: "?.transfer(0);",
    replacement: "?.slice(0);",
    test: {
      file: "packages/core/src/json/received-rows.test.ts",
      title: "kept the memory of their page until the next garbage collection",
    },
  },
  {
    mistake: "memory that others use is freed with rows",
    file: "packages/core/src/json/received-rows.ts",
    original: "if (bytes?.byteLength === bytes?.buffer.byteLength)",
    replacement: "",
    test: { file: "packages/core/src/json/received-rows.test.ts", title: "leave memory alone" },
  },
  {
    mistake: "pages of unknown size are all asked for at once",
    file: "packages/core/src/extract/page-source.ts",
    original: "while (!isSizeKnown() && first !== null) await first;",
    replacement: "",
    test: {
      file: "packages/core/src/extract/page-source.test.ts",
      title: "were all asked for at once, and took many times the memory allowed",
    },
  },
  {
    mistake: "a full page counts as much as the short one that arrived first",
    file: "packages/core/src/extract/page-source.ts",
    original: "rows.length >= Math.min(size, maxRows)",
    replacement: "rows.length >= 0",
    test: {
      file: "packages/core/src/extract/page-source.test.ts",
      title: "counted as little as the short last page",
    },
  },
];
