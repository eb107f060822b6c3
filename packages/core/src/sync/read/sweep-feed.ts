import { z } from "zod";
import type { FeedName } from "../../feeds/feed.js";
import type { Touch } from "../../ports/work-queue.js";
import type { RunContext } from "../run/run-context.js";
import { keepPlace, placeOf } from "../run/run-places.js";

/** More absences than this look like a read error rather than deletions. */
const maxAbsent = 0.05;

const sweptSchema = z.object({ total: z.number(), absent: z.number(), removed: z.number() });

/**
 * Marks what a complete full pass of a feed did not see: nothing when the pass had rows whose identity it could not
 * read, unless removals are allowed. Once in a run, however many slices it takes.
 */
export async function sweepFeed(
  context: RunContext,
  feed: FeedName,
  touches: readonly Touch[],
): Promise<void> {
  const { storage, lease, scope, request, startedAt } = context;
  const pass = (await storage.findCursors(scope)).get(feed)?.fullPass ?? null;
  const began = pass?.runId === lease.runId ? Date.parse(pass.beganAt) : startedAt;
  const unreadable = pass?.runId === lease.runId ? (pass.unreadable ?? 0) : 0;
  if (unreadable > 0 && !request.allowRemovals) {
    context.warn({
      code: "REMOVALS_HELD_BACK",
      message: `A full pass of ${feed} had rows without a readable id (${unreadable}), which may be the rows that were not seen, so none was removed. Look at the rejections. If the unseen rows are really gone, run a full sync that allows removals.`,
      count: unreadable,
    });
    return;
  }
  const maxShare = request.allowRemovals ? 1 : maxAbsent;
  const work = `sweep ${feed}`;
  let swept = await placeOf(context, work, sweptSchema);
  if (swept === null) {
    swept = await storage.sweepFeed({
      lease,
      scope,
      feed,
      touches,
      maxShare,
      // Rows that the run itself landed without marking them as seen, in a reading after the pass.
      spareAfter: began,
    });
    await keepPlace(context, work, swept);
  }
  const { total, absent, removed } = swept;
  if (absent === removed) return;
  context.warn({
    code: "REMOVALS_HELD_BACK",
    message: `${absent} of ${total} ${feed} were not seen in a full pass, more than ${maxAbsent * 100}%, so none was removed. If they are really gone, run a full sync that allows removals.`,
    count: absent,
  });
}
