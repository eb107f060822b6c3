import type { SyncEvent } from "@titan-sync/core";

/** Why a run waits, and until when: `waits for ServiceTitan until 12:05:00 UTC: it asks to send less`. */
export function describeWait({ until, reason }: Extract<SyncEvent, { readonly event: "run:wait" }>): string {
  const why = reason === "throttled" ? "it asks to send less" : "it does not answer";
  return `waits for ServiceTitan until ${new Date(until).toISOString().slice(11, 19)} UTC: ${why}`;
}
