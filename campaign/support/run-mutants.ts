import type { Mutant } from "./mutant.js";

const memorySuite = "packages/core/src/memory/memory-storage.test.ts";
const lostRows = "test/records/rows-that-are-lost.test.ts";

/** Mistakes in how runs start, wait, end, report and are pruned. */
export const runMutants: readonly Mutant[] = [
  {
    mistake: "a sync of many fails for what a worker is syncing",
    file: "packages/core/src/sync/sync-all.ts",
    original: "if (waitForOthers && error instanceof ConflictError",
    replacement: "if (!waitForOthers && error instanceof ConflictError",
    test: {
      file: "packages/core/src/sync/sync-all.test.ts",
      title: "failed for credentials whose run was in progress elsewhere",
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
    mistake: "a long wait is not told",
    file: "packages/core/src/sync/start-run.ts",
    original: 'emit({ event: "run:wait", ...wait });',
    replacement: "",
    test: { file: "test/sync/long-waits.test.ts", title: "reports the wait" },
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
    test: {
      file: memorySuite,
      title: "computes percentiles of successful runs by nearest rank, over all runs and per day",
    },
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
    original: "if (result.diff === null && isIdleRun({ ...result.ledger, status: result.status })) return;",
    replacement: "",
    test: { file: "packages/core/src/titan-sync.test.ts", title: "wrote four audit entries" },
  },
  {
    mistake: "work continues to further items after one has failed",
    file: "packages/core/src/async/in-parallel.ts",
    original: "if (failures.length > 0) return;",
    replacement: "",
    test: {
      file: "packages/core/src/async/in-parallel.test.ts",
      title: "starts nothing else after a failure",
    },
  },
];
