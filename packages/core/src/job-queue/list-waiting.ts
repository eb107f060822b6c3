import { decodeNumberCursor, rowsWanted, toPage } from "../paging/page-cursor.js";
import type { JobPriority, QueuedJob } from "../ports/job-queue.js";
import type { Page, PageRequest } from "../ports/page.js";
import {
  compareOrders,
  inClaimOrder,
  jobPriorities,
  type LastTurns,
  type WaitingJob,
} from "./claim-order.js";

/** A page of all jobs that wait, in the order in which they would be claimed. */
export function listWaiting<Job extends WaitingJob>(
  waiting: readonly Job[],
  page: PageRequest,
  by: { readonly lastTurn: LastTurns; readonly now: number; readonly item: (job: Job) => QueuedJob },
): Page<QueuedJob> {
  const after = decodeNumberCursor("jobs", 4, page)?.map(Number);
  const left = inClaimOrder(waiting, by.lastTurn, by.now).filter(
    ({ order }) => after === undefined || compareOrders(order, after) > 0,
  );
  return toPage("jobs", left.slice(0, rowsWanted(page)), page, {
    item: ({ job }) => by.item(job),
    place: ({ order }) => order.map(String),
  });
}

/** One value for each priority, whose rank is its place among them. */
export function byPriority<Value>(
  value: (priority: JobPriority, rank: number) => Value,
): Record<JobPriority, Value> {
  const [manual, scheduled, bulk] = jobPriorities;
  return { manual: value(manual, 0), scheduled: value(scheduled, 1), bulk: value(bulk, 2) };
}
