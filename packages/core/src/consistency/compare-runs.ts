import { isoTime } from "../json/iso-time.js";
import type { Storage } from "../ports/storage.js";
import type { FeedFigures, RecordFigures, StoredRun } from "../ports/sync-run.js";
import type { TenantScope } from "../ports/tenant.js";
import { plansFor, type RecordCatalog } from "../records/definitions/catalog.js";
import { countFeed } from "./count-feed.js";
import type { FoundDifference } from "./difference.js";

/** The newest runs, whose figures are added up. */
const maxRuns = 100;
/** A later equal request starts its full pass again. */
const longestPauseMs = 7 * 24 * 60 * 60 * 1000;

/** Whether a run is working on the tenant's data at this moment. */
export async function findLiveRun(
  storage: Pick<Storage, "findLease">,
  credentialId: string,
): Promise<string | null> {
  const lease = await storage.findLease(credentialId);
  return lease !== null && lease.endsInMs > 0 ? lease.runId : null;
}

/** A run that nobody works on and that has not ended. @param now - epoch milliseconds. */
export function judgeCurrentRun(current: StoredRun | null, now: number): readonly FoundDifference[] {
  if (current?.status === "lost") {
    return [
      {
        code: "RUN_DEAD",
        level: "warning",
        subject: current.id,
        message: `Run ${current.id} has not ended, but its worker is gone${workerOf(current)}.`,
        hint: "Start a sync: the same request continues it, a different one ends it.",
      },
    ];
  }
  if (current?.status === "paused" && now - current.updatedAt > longestPauseMs) {
    return [
      {
        code: "RUN_PAUSED",
        level: "warning",
        subject: current.id,
        message: `Run ${current.id} has been paused for more than 7 days.`,
        hint: "Continue it with the same request, or cancel it: its work waits until then.",
      },
    ];
  }
  return [];
}

function workerOf({ worker, updatedAt }: StoredRun): string {
  const seen = `last seen ${isoTime(updatedAt)}`;
  return worker === null ? ` (${seen})` : ` (process ${worker.pid} on ${worker.host}, ${seen})`;
}

/** After a run that ended well, nothing that it was asked for may be left to do. */
export async function compareWorkQueue(
  catalog: RecordCatalog,
  storage: Pick<Storage, "countPendingIds" | "listStagedBatches">,
  scope: TenantScope,
  newest: StoredRun | null,
): Promise<readonly FoundDifference[]> {
  const hasDoneAll =
    newest !== null &&
    newest.request.range === null &&
    (newest.status === "completed" || newest.status === "partial");
  if (!hasDoneAll) return [];
  const found: FoundDifference[] = [];
  for (const plan of plansFor(catalog, newest.request.data)) {
    for (const feed of new Set([plan.driver, ...plan.expansions.map((expansion) => expansion.feed)])) {
      const listed = await storage.countPendingIds({ scope, record: plan.record, feed });
      if (listed === 0) continue;
      found.push({
        code: "WORK_LEFT",
        level: "problem",
        subject: `${plan.record} records`,
        message: `${listed} ${feed} still have to be derived for ${plan.record} records, although run ${newest.id} ended ${newest.status}.`,
        hint: "The next sync derives them. If they remain, report it.",
        counts: { listed },
      });
    }
  }
  const batches = (await storage.listStagedBatches(scope)).length;
  if (batches > 0) {
    found.push({
      code: "BATCHES_LEFT",
      level: "problem",
      subject: "stored batches",
      message: `${batches} stored batches wait for the sink, although run ${newest.id} ended ${newest.status}.`,
      hint: "The next sync sends them. If they remain, see the sink's own log.",
      counts: { batches },
    });
  }
  return found;
}

/** Whether the figures of the newest runs add up, on their own and with the stored rows. */
export async function compareLedgers(
  storage: Pick<Storage, "listRuns" | "countEntities">,
  credentialId: string,
  scope: TenantScope,
  signal: AbortSignal,
): Promise<readonly FoundDifference[]> {
  const { items } = await storage.listRuns({ credentialId }, { limit: maxRuns });
  const found = items.flatMap(judgeLedger);
  const [newest] = items;
  if (newest === undefined) return found;
  for (const [feed, { landed }] of Object.entries(newest.feeds)) {
    const { landedSince } = await countFeed(storage, { scope, feed, since: newest.startedAt }, signal);
    if (landedSince <= landed) continue;
    found.push({
      code: "LEDGER_SHORT",
      level: "problem",
      subject: feed,
      message: `${landedSince} ${feed} have landed since run ${newest.id} began, but it counts ${landed}.`,
      hint: "Only a run lands rows: look for another program that writes to the storage.",
      counts: { landedSince, landed },
    });
  }
  return found;
}

function judgeLedger(run: StoredRun): readonly FoundDifference[] {
  const wrong = [
    ...Object.entries(run.feeds).filter(([, figures]) => !isFeedBalanced(figures)),
    ...Object.entries(run.records).filter(
      ([, figures]) => figures !== undefined && !isRecordBalanced(figures),
    ),
  ];
  return wrong.map(([subject]) => ({
    code: "LEDGER_UNBALANCED",
    level: "problem",
    subject,
    message: `The figures of run ${run.id} for ${subject} do not add up.`,
    hint: "Report it with the run's figures (titan-sync status).",
  }));
}

function isFeedBalanced(figures: FeedFigures): boolean {
  const { read, landed, unchanged, superseded, suppressed, rejected } = figures;
  return read === landed + unchanged + superseded + suppressed + rejected;
}

function isRecordBalanced({ derived, delivered, unchanged, leftOut, rejected }: RecordFigures): boolean {
  return derived === delivered + unchanged + leftOut + rejected;
}
