import type { Mutant } from "./mutant.js";

const folder = "packages/core/src/workers";
const worker = `${folder}/sync-worker.test.ts`;
const dispatcher = `${folder}/queue-dispatcher.test.ts`;
const reaper = `${folder}/reaper.test.ts`;
const rolling = "test/sync/rolling-upgrade.test.ts";
const handOver = "packages/core/src/sync/hand-over.test.ts";

/** Against what executes the jobs of a queue. */
export const workerMutants: readonly Mutant[] = [
  {
    mistake: "a worker begins with more syncs at once than the database has connections for",
    file: "packages/runner/src/database/require-connections.ts",
    original: "if (needed <= most) return;",
    replacement: "if (needed <= most + beside) return;",
    test: {
      file: "packages/runner/src/database/require-connections.test.ts",
      title: "are refused with all numbers when the database has fewer",
    },
  },
  {
    mistake: "nobody sees which feed a run reads",
    file: "packages/core/src/memory/landing-store.ts",
    original: ", lastFeed: feed });",
    replacement: " });",
    test: {
      file: "packages/core/src/memory/memory-storage.test.ts",
      title: "says of which feed it landed rows last",
    },
  },
  {
    mistake: "a run that is handed over is canceled",
    file: "packages/core/src/sync/start-run.ts",
    original: "if (options.diff === null) stop.handOver();",
    replacement: "if (options.diff === null) stop.cancel(null);",
    test: { file: handOver, title: "is continued under its id by another instance" },
  },
  {
    mistake: "a pause counts as a handover",
    file: "packages/core/src/memory/run-table.ts",
    original: "handedOver: run.handedOver + (handedOver ? 1 : 0)",
    replacement: "handedOver: run.handedOver + 1",
    test: {
      file: "packages/core/src/memory/memory-storage.test.ts",
      title: "counts how often a run was handed over",
    },
  },
  {
    mistake: "no slot is kept for manual jobs",
    file: `${folder}/sync-worker.ts`,
    original: "manualOnly: concurrency > 1 && index === 0",
    replacement: "manualOnly: concurrency > 99 && index === 0",
    test: { file: worker, title: "still takes a manual job when its other slots are full" },
  },
  {
    mistake: "a closing worker leaves its runs alone",
    file: `${folder}/sync-worker.ts`,
    original: "      slot.stop.abort();\n      if (slot.run !== null) handOver(slot.run);",
    replacement: "",
    test: { file: worker, title: "hands all runs over at once" },
  },
  {
    mistake: "a run that begins while the worker closes is not handed over",
    file: `${folder}/sync-worker.ts`,
    original: "if (stopping.aborted) handOver(run);",
    replacement: "",
    test: { file: worker, title: "hands a run over that begins while it closes" },
  },
  {
    mistake: "a job that was claimed while the worker closes is executed",
    file: `${folder}/sync-worker.ts`,
    original: "if (closing.aborted || (open === null && givingWay === null)) {",
    replacement: "if (open === null && givingWay === null) {",
    test: { file: worker, title: "puts a job back that it was claiming" },
  },
  {
    mistake: "a job that waited for a slot is executed though the worker closes",
    file: `${folder}/sync-worker.ts`,
    original: "if (closing.aborted) return await letGo(next);",
    replacement: "",
    test: {
      file: worker,
      title: "begins nothing when it is closed while a job waits for one that gives way",
    },
  },
  {
    mistake: "first loads give way to nobody",
    file: `${folder}/sync-worker.ts`,
    original: 'slot.givesWay = priority === "bulk" &&',
    replacement: "slot.givesWay = false &&",
    test: { file: worker, title: "a scheduled sync waited for five minutes while first loads had all slots" },
  },
  {
    mistake: "a first load that has waited for long gives way all the same",
    file: `${folder}/sync-worker.ts`,
    original: "since - waitingSince(job) < agingMs",
    replacement: "since - waitingSince(job) < Number.POSITIVE_INFINITY",
    test: {
      file: worker,
      title:
        "lets what has waited for a quarter of an hour have its whole slice, and gives way to no other first load",
    },
  },
  {
    mistake: "a first load gives way before it has got anywhere",
    file: `${folder}/sync-worker.ts`,
    original: "const latest = clock.now() - shortestSliceMs;",
    replacement: "const latest = clock.now();",
    test: { file: worker, title: "lets a first load get somewhere before it gives way to others" },
  },
  {
    mistake: "failed attempts are not counted",
    file: `${folder}/execute-job.ts`,
    original: "const attempts = job.attempts + 1;",
    replacement: "const attempts = 1;",
    test: { file: worker, title: "after slices without progress (throttled)" },
  },
  {
    mistake: "a failure in the middle of a run ends it although it may pass by itself",
    file: "packages/core/src/sync/execute-run.ts",
    original: 'lasting === undefined ? "paused" : "failed"',
    replacement: 'lasting === null ? "paused" : "failed"',
    test: { file: handOver, title: "pauses the run if it may pass by itself" },
  },
  {
    mistake: "a worker tries again and again what only a person can mend",
    file: "packages/core/src/sync/execute-run.ts",
    original: "failures.find((error) => !mayPass(error))",
    replacement: "failures.find((error) => mayPass(error) && false)",
    test: { file: handOver, title: "ends the run if only a person can help" },
  },
  {
    mistake: "a related feed that moves hides that the API fails in every slice",
    file: `${folder}/execute-job.ts`,
    original: "const isOutage = error?.code === storageCode;",
    replacement: "const isOutage = error !== null;",
    test: { file: worker, title: "while the API fails in its middle, then ends with that cause" },
  },
  {
    mistake: "a database that fails in every slice is tried forever",
    file: `${folder}/failed-attempts.ts`,
    original: "(isOutage ? restsOfOutageMs : restsMs)[attempts - 1] ?? null",
    replacement: "isOutage ? 5_000 : (restsMs[attempts - 1] ?? null)",
    test: { file: worker, title: "was tried every few seconds forever while the database failed each time" },
  },
  {
    mistake: "a job whose run has ended is begun again",
    file: `${folder}/execute-job.ts`,
    original: "if (known !== null && known.completedAt !== null) return done;\n  if (job.lostClaims",
    replacement: "if (job.lostClaims",
    test: { file: worker, title: "did its work again because the worker died between" },
  },
  {
    mistake: "nobody remembers which earlier run fulfills a job",
    file: `${folder}/run-of-job.ts`,
    original: "if (acceptedId !== fulfillingId) await",
    replacement: 'if (acceptedId === "") await',
    test: { file: worker, title: "is remembered when the job continued an earlier run" },
  },
  {
    mistake: "the id of a superseded run does not lead to the run that its job began instead",
    file: `${folder}/run-of-job.ts`,
    original: "for (const acceptedId of [...acceptedIds, runId]) {",
    replacement: "for (const acceptedId of [...acceptedIds.slice(0, 0), runId]) {",
    test: {
      file: worker,
      title: "is found under the id of the job, however often other requests superseded it",
    },
  },
  {
    mistake: "a job that is canceled while its worker continues an earlier run does not stop that",
    file: `${folder}/execute-job.ts`,
    original: 'found.status === "cancelled") await run.cancel();',
    replacement: 'found.status === "queued") await run.cancel();',
    test: { file: worker, title: "is cancelled with a job that was cancelled while its worker began" },
  },
  {
    mistake: "a sync that is canceled while it waits leaves no trace",
    file: `${folder}/queue-dispatcher.ts`,
    original:
      "if (!(await storage.recordCancelledRun({ runId, credentialId, scope, type, request }))) return false;",
    replacement: 'if (runId === "") return request === null && scope === null && type === null;',
    test: { file: dispatcher, title: "leaves a cancelled run in the history, so that repeating the request" },
  },
  {
    mistake: "requests for the same time that is written in different ways are two",
    file: `${folder}/queue-dispatcher.ts`,
    original: "...withInstants(sync), runId,",
    replacement: "...sync, runId,",
    test: { file: dispatcher, title: "merges requests for the same time that is written in different ways" },
  },
  {
    mistake: "a job that kills its workers goes round forever",
    file: `${folder}/execute-job.ts`,
    original: "job.lostClaims >= maxLostClaims ||",
    replacement: "",
    test: { file: worker, title: "ends failed when one worker after the other dies with it" },
  },
  {
    mistake: "a merged request is forgotten",
    file: `${folder}/queue-dispatcher.ts`,
    original: "if (enqueued.runId !== sync.runId) {",
    replacement: 'if (enqueued.runId === "") {',
    test: { file: dispatcher, title: "is answered with the run that it was merged into" },
  },
  {
    mistake: "a lost run of a paused credential is continued",
    file: `${folder}/reaper.ts`,
    original: "if (credential === null || hold !== null) {",
    replacement: "if (credential === null) {",
    test: { file: reaper, title: "if its credential is paused" },
  },
  {
    mistake: "a lost run is left to itself",
    file: `${folder}/reaper.ts`,
    original:
      'if ((await storage.findRun(runId))?.status !== "lost" || (await hasJob(options, run))) return;',
    replacement: 'if (runId !== "") return;',
    test: { file: reaper, title: "is continued under its id by a worker within its lease" },
  },
  {
    mistake: "a worker does not look whether the database was migrated",
    file: `${folder}/sync-worker.ts`,
    original: "nextCheck = clock.now() + checkEveryMs;",
    replacement: "nextCheck = Number.POSITIVE_INFINITY;",
    test: { file: worker, title: "was worked on after it had been migrated" },
  },
  {
    mistake: "a migration is applied under a run of a program that does not work with it",
    file: "packages/core/src/support/migrations.ts",
    original: "worksWithPrevious ? version - 2 : version - 1",
    replacement: "version - 2",
    test: {
      file: rolling,
      title: "is refused while a program that the migration does not work with has a run",
    },
  },
  {
    mistake: "a program works with a schema that is two versions newer",
    file: "packages/core/src/support/migrations.ts",
    original: "current === latest + 1 && worksWithPrevious",
    replacement: "current > latest && worksWithPrevious",
    test: { file: rolling, title: "ends at two versions" },
  },
  {
    mistake: "heartbeats limit how long others wait for a lock, behind a connection pooler",
    file: "packages/postgres/src/storage/run-lease.ts",
    original: "lockTimeout}, true)",
    replacement: "lockTimeout}, false)",
    test: {
      file: "packages/postgres/src/database/transaction-pooler.integration.test.ts",
      title: "heartbeats behind a transaction pooler",
    },
  },
  {
    mistake: "the job of a run that ended while it was queued stays behind",
    file: "packages/core/src/workers/reaper.ts",
    original: "await queue.remove(runId);",
    replacement: "return;",
    test: {
      file: "packages/core/src/workers/reaper.test.ts",
      title: "left a job behind if it ended at the moment in which it was queued",
    },
  },
  {
    mistake: "a lost run gets a job although a worker has one of its credential in hand",
    file: "packages/core/src/workers/reaper.ts",
    original: "return isInHand ||",
    replacement: "return",
    test: {
      file: "packages/core/src/workers/reaper.test.ts",
      title: "had a second job if a worker was about to continue it under the number of a superseded one",
    },
  },
];
