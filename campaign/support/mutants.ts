import { byteMutants } from "./byte-mutants.js";
import { consistencyMutants } from "./consistency-mutants.js";
import { definitionMutants } from "./definition-mutants.js";
import { erasureMutants } from "./erasure-mutants.js";
import { exactnessMutants } from "./exactness-mutants.js";
import { ownRecordMutants } from "./own-record-mutants.js";
import { sliceMutants } from "./slice-mutants.js";
import { sqliteMutants } from "./sqlite-mutants.js";

/** A mistake that somebody could make, and the test that must not let it pass. */
export interface Mutant {
  /** What is wrong then. */
  readonly mistake: string;
  /** From the workspace's root. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly original: string;
  readonly replacement: string;
  /** A test file, from the workspace's root, and a part of the test's title. */
  readonly test: { readonly file: string; readonly title: string };
}

const memorySuite = "packages/core/src/memory/memory-storage.test.ts";
const databaseSuite = "packages/postgres/src/storage/postgres-storage.integration.test.ts";
const databaseSinkSuite = "packages/postgres/src/sink/postgres-sink.integration.test.ts";
const judgedPages = "packages/core/src/sync/read/judge-page.test.ts";
const lostRows = "test/records/rows-that-are-lost.test.ts";
const twoOwners = "packages/core/src/memory/two-owners.test.ts";

export const mutants: readonly Mutant[] = [
  ...byteMutants,
  ...consistencyMutants,
  ...exactnessMutants,
  ...definitionMutants,
  ...erasureMutants,
  ...ownRecordMutants,
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
  ...sliceMutants,
  ...sqliteMutants,
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
    original: "      cancel_requested_by = NULL,\n",
    replacement: "",
    test: { file: databaseSuite, title: "ends a run whose owner died before it heard" },
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
    mistake: "at the boundary: a token is renewed one moment too late",
    file: "packages/core/src/credentials/token-provider.ts",
    original: "if (token === null || clock.now() >= renewalTime(token)) return null;",
    replacement: "if (token === null || clock.now() > renewalTime(token)) return null;",
    test: {
      file: "packages/core/src/credentials/token-provider.test.ts",
      title: "is kept until its renewal, and then requested again",
    },
  },
  {
    mistake: "work is started under an aborted signal, and nobody hears how it fails",
    file: "packages/core/src/async/aborted.ts",
    original: "  throwIfAborted(signal);\n  const aborted = Promise",
    replacement: "  const aborted = Promise",
    test: { file: "packages/core/src/async/aborted.test.ts", title: "started work under an aborted signal" },
  },
  {
    mistake: "a host's logger that throws ends the process",
    file: "packages/core/src/titan-sync.ts",
    original: "harmlessLogger(options.logger ?? silentLogger)",
    replacement: "options.logger ?? silentLogger",
    test: {
      file: "packages/core/src/sync/aborted-run.test.ts",
      title: "ended the process by a failure that a run left unhandled, and the run itself",
    },
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
    mistake: "an open circuit is waited for as long as a call may take",
    file: "packages/core/src/http/circuit.ts",
    original: "(outcome === null && retryAt - openSince > circuit.maxOpenMs)",
    replacement: "(outcome === null && retryAt - openSince > 2 * circuit.maxOpenMs)",
    test: { file: "test/sync/long-waits.test.ts", title: "fails after five minutes" },
  },
  {
    mistake: "a long wait is not told",
    file: "packages/core/src/sync/start-run.ts",
    original: 'emit({ event: "run:wait", ...wait });',
    replacement: "",
    test: { file: "test/sync/long-waits.test.ts", title: "reports the wait" },
  },
  {
    mistake: "a full pass heals nothing",
    file: "packages/core/src/memory/land.ts",
    original: "healsBefore !== null && (removed",
    replacement: 'healsBefore !== null && id === "" && (removed',
    test: { file: "campaign/healing.campaign.ts", title: "heals any change of times and rows" },
  },
  {
    mistake: "in a small page only times tell whether it comes again",
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
    mistake: "rows that were rejected do not count as failed",
    file: "packages/core/src/sync/run-ledger.ts",
    original: "rows + feed.rejected",
    replacement: "rows + 0 * feed.rejected",
    test: { file: lostRows, title: "count as failed, in the result" },
  },
  {
    mistake: "records that were rejected are not told of",
    file: "packages/core/src/sync/start-run.ts",
    original: "...warningsOfRejectedRecords(figures.all()),",
    replacement: "...warningsOfRejectedRecords({ records: {} }),",
    test: { file: lostRows, title: "raises a warning where the sink refuses it" },
  },
  {
    mistake: "a run waits silently",
    file: "packages/core/src/sync/start-run.ts",
    original: 'emit({ event: "run:wait", ...wait });',
    replacement: "void wait;",
    test: { file: "packages/core/src/sync/run-waits.test.ts", title: "was silent while it was throttled" },
  },
  {
    mistake: "a circuit that stays open is waited for in every call",
    file: "packages/core/src/http/circuit.ts",
    original: "retryAt - openSince > circuit.maxOpenMs",
    replacement: "retryAt - openSince > circuit.maxOpenMs * 1000",
    test: {
      file: "packages/core/src/http/circuit.test.ts",
      title:
        "held up a run for as long as a call may take, although the tenant had been unreachable for minutes",
    },
  },
  {
    mistake: "a replay brings back what was removed",
    file: "packages/core/src/sync/read/replay-rejections.ts",
    original: "return sound.filter(({ id }) => !removed.has(id));",
    replacement: "return sound.filter(({ id }) => id !== String(removed.size / 0));",
    test: { file: lostRows, title: "does not restore what was removed after its row was rejected" },
  },
  {
    mistake: "a feed that is left out leaves what was delivered as it was",
    file: "packages/core/src/sync/derive/derive-records.ts",
    original: "enqueuedWith.some((feed) => feedsOff.includes(feed));",
    replacement: "enqueuedWith.some((feed) => feedsOff.length < 0 && feed === null);",
    test: {
      file: lostRows,
      title: "empties its columns even if it landed before, and fills them when it is turned on again",
    },
  },
  {
    mistake: "the quality of a run does not reach its warnings",
    file: "packages/core/src/sync/execute-run.ts",
    original: "    await warnOfQuality(context);\n",
    replacement: "    void warnOfQuality;\n",
    test: { file: lostRows, title: "is among its warnings: the share of rejected records is in the result" },
  },
  {
    mistake: "a run that a schedule has started is noted as manual",
    file: "packages/core/src/sync/run-starter.ts",
    original: "        type: checked.type,\n        request: run,",
    replacement: '      type: "manual",\n      request: run,',
    test: { file: lostRows, title: "is recorded as scheduled if a schedule started it" },
  },
  {
    mistake: "the dashboard shows no open warnings",
    file: "packages/express/src/routes/dashboard-body.ts",
    original: "[...((current ?? last)?.warnings ?? [])]",
    replacement: "[...((current ?? last)?.warnings.slice(0, 0) ?? [])]",
    test: { file: "packages/express/src/router.syncs.test.ts", title: "shows the open warnings" },
  },
  {
    mistake: "a position uses a server time that lies in the future",
    file: "packages/core/src/extract/page-source.ts",
    original: "return Math.min(serverTime, now);",
    replacement: "return serverTime;",
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
    mistake: "tokens that lead in a circle are followed",
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
    mistake: "a page that comes again moves the position past rows that were due",
    file: "packages/core/src/extract/export-reader.ts",
    original: "if (!cameAgain) position = continueFrom",
    replacement: "position = continueFrom",
    test: {
      file: "packages/core/src/extract/export-reader.test.ts",
      title: "a last page repeated under another token failed the feed forever",
    },
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
    mistake: "a full run that found nothing is forgotten as early as an idle one",
    file: "packages/core/src/ledger/idle-run.ts",
    original: 'run.request.mode === "incremental" && ',
    replacement: "",
    test: { file: memorySuite, title: "prunes completed runs that changed nothing by their own time" },
  },
  {
    mistake: "a percentile lies one rank too high",
    file: "packages/core/src/ledger/run-metrics.ts",
    original: "Math.ceil(share * count)",
    replacement: "Math.floor(share * count) + 1",
    test: { file: memorySuite, title: "takes percentiles by nearest rank" },
  },
  {
    mistake: "a step of pruning takes the newest of what is old",
    file: "packages/core/src/memory/rejection-table.ts",
    original: ".slice(-limit)",
    replacement: ".slice(0, limit)",
    test: { file: memorySuite, title: "takes the oldest first, no more than the limit" },
  },
  {
    mistake: "pruning stops after its first full step",
    file: "packages/core/src/retention/retention.ts",
    original: "if (taken === 0) return total;\n      total += taken;",
    replacement: "return total + taken;",
    test: {
      file: "packages/core/src/retention/retention.test.ts",
      title: "repeats each step until nothing is left",
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
    mistake: "the program prints events with times as numbers",
    file: "packages/runner/src/output/progress/json-view.ts",
    original: "writeJson(stream, eventJson(event))",
    replacement: "writeJson(stream, event)",
    test: {
      file: "packages/runner/src/commands/json-times.integration.test.ts",
      title: "every command shows every instant",
    },
  },
  {
    mistake: "the end of a wait leaves as a number",
    file: "packages/core/src/progress/event-json.ts",
    original: 'withIsoTimes(event, ["at", "until"])',
    replacement: 'withIsoTimes(event, ["at"]) as SyncEventJson',
    test: { file: "packages/core/src/progress/reporters.test.ts", title: "writes each event as one line" },
  },
  {
    mistake: "a list is not read beyond its first page",
    file: "packages/core/src/async/each-page.ts",
    original: "cursor = page.next;",
    replacement: "cursor = null;",
    test: {
      file: "packages/core/src/async/each-page.test.ts",
      title: "is requested page by page, each with the cursor of the previous page",
    },
  },
  {
    mistake: "an idle run is audited in full",
    file: "packages/core/src/sync/run-starter.ts",
    original: "if (isIdle(result)) return;",
    replacement: "",
    test: { file: "packages/core/src/titan-sync.test.ts", title: "wrote four audit entries" },
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
    mistake: "whoever waits for an answer waits for a slot like anybody else",
    file: "packages/core/src/http/turnstile.ts",
    original: "{ interactive: 1, background: 0 }",
    replacement: "{ interactive: 0, background: 0 }",
    test: {
      file: "packages/core/src/http/rate-limiter.test.ts",
      title: "lets interactive calls pass those already waiting",
    },
  },
  {
    mistake: "the places of a credential know no priority",
    file: "packages/core/src/http/policy.ts",
    original: "const place = { priority: queuePriority[priority], signal };",
    replacement: "const place = { priority: 0, signal };",
    test: {
      file: "packages/core/src/http/call-guards.test.ts",
      title: "made an interactive call wait behind background calls that were waiting before it",
    },
  },
  {
    mistake: "work goes on with further items after one has failed",
    file: "packages/core/src/async/in-parallel.ts",
    original: "if (failures.length > 0) return;",
    replacement: "",
    test: {
      file: "packages/core/src/async/in-parallel.test.ts",
      title: "starts nothing else after a failure",
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
