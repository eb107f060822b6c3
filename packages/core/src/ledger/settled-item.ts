import type { SettledItem } from "../ports/delivery-store.js";

/** Whether what was wrong with a record before is over: also where there is no record any more. */
export function clearsRejections({ outcome }: SettledItem): boolean {
  return outcome !== "rejected";
}

/** Whether a key remains on the work queue, so that the next owner tries again. */
export function staysPending(item: SettledItem): boolean {
  return item.outcome === "rejected" && item.staysPending === true;
}
