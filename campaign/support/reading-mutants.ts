import type { Mutant } from "./mutant.js";

const judgedPages = "packages/core/src/sync/read/judge-page.test.ts";
const lostRows = "test/records/rows-that-are-lost.test.ts";

/** Mistakes in reading, judging and landing pages. */
export const readingMutants: readonly Mutant[] = [
  {
    mistake: "the cursor is saved with a page's first rows instead of its last",
    file: "packages/core/src/sync/read/land-feed.ts",
    original: "cursor: isLast ? complete(page.cursor) : null,",
    replacement: "cursor: complete(page.cursor),",
    test: {
      file: "packages/core/src/sync/read/land-page-parts.test.ts",
      title: "saves a page's cursor with its last part",
    },
  },
  {
    mistake: "at the boundary: a range begins after its first instant",
    file: "packages/core/src/extract/range-query.ts",
    original: 'from: "modifiedOnOrAfter"',
    replacement: 'from: "modifiedAfter"',
    test: {
      file: "packages/core/src/extract/range-query.test.ts",
      title: "begins with its first instant and ends before its last",
    },
  },
  {
    mistake: "at the boundary: the date that replaces a refused token forgets the lag",
    file: "packages/core/src/extract/lag.ts",
    original: "Date.parse(began) - exportLagMs - marginMs",
    replacement: "Date.parse(began) - marginMs",
    test: { file: "packages/core/src/extract/export-reader.test.ts", title: "falls back" },
  },
  {
    mistake: "at the boundary: a page of exactly so many unusable rows lands, and its cursor passes them",
    file: "packages/core/src/quality/page-verdict.ts",
    original: "return sound.length === 0 && rows >= minRowsOfVerdict;",
    replacement: "return sound.length === 0 && rows > minRowsOfVerdict;",
    test: { file: judgedPages, title: "does not land, so that a type that changes everywhere" },
  },
  {
    mistake: "a small first reading of unusable rows lands",
    file: "packages/core/src/sync/read/hold-first-rows.ts",
    original: "let isHolding = isFirst;",
    replacement: "let isHolding = isFirst && false;",
    test: { file: judgedPages, title: "does not land, however few rows it has" },
  },
  {
    mistake: "at the boundary: a page of exactly so many rows that have lost a field lands",
    file: "packages/core/src/quality/page-verdict.ts",
    original: "return rows.length === of && of >= minRowsOfVerdict;",
    replacement: "return rows.length === of && of > minRowsOfVerdict;",
    test: {
      file: judgedPages,
      title: "prevents the page from landing, so that a renamed field erases no phone",
    },
  },
  {
    mistake: "a row that has lost a field takes the place of one that has it",
    file: "packages/core/src/sync/read/judge-page.ts",
    original: "if (ownFields.length > 0) lost.set(suspect, ownFields);",
    replacement: "if (ownFields.length > 9) lost.set(suspect, ownFields);",
    test: { file: judgedPages, title: "is rejected on a small page" },
  },
  {
    mistake: "a row that heals in a full pass is not held against what is landed",
    file: "packages/core/src/sync/read/judge-page.ts",
    original: "(!mayGoBack && isOlder(suspect, before))",
    replacement: "isOlder(suspect, before)",
    test: { file: judgedPages, title: "unless a full pass lets it win" },
  },
  {
    mistake: "on a small page only times show whether it is repeated",
    file: "packages/core/src/extract/fingerprint.ts",
    original: "const smallPage = 65_536;",
    replacement: "const smallPage = 0;",
    test: {
      file: "packages/core/src/extract/fingerprint.test.ts",
      title: "with the same time but other content was mistaken for the previous page",
    },
  },
  {
    mistake: "a full pass forgets between slices that it could not read an id",
    file: "packages/core/src/sync/read/land-feed.ts",
    original: "(cursor.fullPass.unreadable ?? 0)",
    replacement: "0",
    test: { file: judgedPages, title: "remembers that in its later slices" },
  },
  {
    mistake: "a full pass removes although it could not read an id",
    file: "packages/core/src/sync/read/sweep-feed.ts",
    original: "if (unreadable > 0 && ",
    replacement: "if (unreadable > 1 && ",
    test: { file: lostRows, title: "removes nothing of a feed in which a row has no readable id" },
  },
  {
    mistake: "a replay brings back what was removed",
    file: "packages/core/src/sync/read/replay-rejections.ts",
    original: "return sound.filter(({ id }) => !removed.has(id));",
    replacement: "return sound.filter(({ id }) => id !== String(removed.size / 0));",
    test: { file: lostRows, title: "does not restore what was removed after its row was rejected" },
  },
  {
    mistake: "a position uses a server time that lies in the future",
    file: "packages/core/src/extract/page-source.ts",
    original: "return Math.min(serverTime, now) - tookMs;",
    replacement: "return serverTime - tookMs;",
    test: {
      file: "packages/core/src/extract/page-source.test.ts",
      title: "was trusted even if it was ahead of our own",
    },
  },
  {
    mistake: "a stored time in the future is believed when its token is refused",
    file: "packages/core/src/extract/export-reader.ts",
    original: "safelyBefore(notAhead(drainedAt, now))",
    replacement: "safelyBefore(drainedAt) ?? String(now)",
    test: {
      file: "packages/core/src/extract/export-reader.test.ts",
      title: "of a feed whose stored end lies in the future",
    },
  },
  {
    mistake: "tokens that form a cycle are followed",
    file: "packages/core/src/extract/judge-export.ts",
    original: "return hasMore && closes(continueFrom);",
    replacement: "return hasMore && closes(continueFrom) && false;",
    test: {
      file: "packages/core/src/extract/export-reader.test.ts",
      title: "tokens that form a cycle were followed endlessly",
    },
  },
  {
    mistake: "the cursor stays inside a circle",
    file: "packages/core/src/extract/export-reader.ts",
    original: "if (feed.isCircling) yield",
    replacement: "if (feed.isCircling && !mayFallBack) yield",
    test: {
      file: "packages/core/src/extract/export-reader.test.ts",
      title: "tokens that form a cycle were followed endlessly",
    },
  },
  {
    mistake: "a repeated page moves the position past the expected rows",
    file: "packages/core/src/extract/export-reader.ts",
    original: "if (!cameAgain) position = continueFrom",
    replacement: "position = continueFrom",
    test: {
      file: "packages/core/src/extract/export-reader.test.ts",
      title: "a last page repeated under another token failed the feed forever",
    },
  },
];
