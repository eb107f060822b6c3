import type { SyncEvent } from "@titan-sync/core";

/** Why a run waits, and until when: `waiting for ServiceTitan until 12:05:00 UTC: it is throttling requests`. */
export function describeWait({ until, reason }: Extract<SyncEvent, { readonly event: "run:wait" }>): string {
  const why = reason === "throttled" ? "it is throttling requests" : "it is not responding";
  return `waiting for ServiceTitan until ${new Date(until).toISOString().slice(11, 19)} UTC: ${why}`;
}
