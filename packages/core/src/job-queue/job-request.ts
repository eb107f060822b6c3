import type { DispatchedSync } from "../ports/run-dispatcher.js";

/** What a job is to do. Two jobs of a credential with the same do the same. */
export type JobRequest = Pick<
  DispatchedSync,
  "data" | "mode" | "fresh" | "rederive" | "replay" | "from" | "to" | "by" | "allowRemovals"
>;

/** Its fields in an order that is always the same: equal requests are equal texts. */
export function requestOf(job: JobRequest): JobRequest {
  const { data, mode, fresh, rederive, replay, from, to, by, allowRemovals } = job;
  return { data, mode, fresh, rederive, replay, from, to, by, allowRemovals };
}

export function isSameRequest(left: JobRequest, right: JobRequest): boolean {
  return JSON.stringify(requestOf(left)) === JSON.stringify(requestOf(right));
}
