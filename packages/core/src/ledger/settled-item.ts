import type { SettledItem } from "../ports/delivery-store.js";

/** Whether what was wrong with a record before is over: also where there is no record any more. */
export function clearsRejections({ outcome }: SettledItem): boolean {
  return outcome !== "rejected";
}

/** Whether a key stays on the work queue, for the next owner to try again. */
export function staysPending(item: SettledItem): boolean {
  return item.outcome === "rejected" && item.staysPending === true;
}
