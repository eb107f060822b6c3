import type { SettledItem } from "../ports/delivery-store.js";

/** Whether an earlier problem with a record is resolved, including when the record no longer exists. */
export function clearsRejections({ outcome }: SettledItem): boolean {
  return outcome !== "rejected";
}

/** Whether a key remains on the work queue, so that the next owner tries again. */
export function staysPending(item: SettledItem): boolean {
  return item.outcome === "rejected" && item.staysPending === true;
}
