import { decodeCursor, encodeCursor, takePage } from "../memory/paging.js";
import type { Page, PageRequest } from "../ports/page.js";
import { compareOrders, inClaimOrder, type LastTurns, type WaitingJob } from "./claim-order.js";

const list = "jobs";

/** A page of the jobs that wait. Cursors name the place of the last job: the next page begins there even without it. */
export function pageInClaimOrder<Job extends WaitingJob>(
  jobs: readonly Job[],
  lastTurn: LastTurns,
  now: number,
  page: PageRequest,
): Page<Job> {
  const after = decodeCursor(list, 4, page)?.map(Number);
  const ordered = inClaimOrder(jobs, lastTurn, now);
  const left = after === undefined ? ordered : ordered.filter(({ order }) => compareOrders(order, after) > 0);
  const { items, next } = takePage(left, page.limit, ({ order }) => encodeCursor(list, order.map(String)));
  return { items: items.map(({ job }) => job), next };
}
