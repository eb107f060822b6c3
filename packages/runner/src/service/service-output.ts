import type { Writable } from "node:stream";
import { eventJson, type RunEndEvent, type StoredStart, type SyncEvent } from "@titan-sync/core";
import { countOf, formatCount, formatDuration } from "../output/format.js";
import { describeWait } from "../output/progress/wait-text.js";
import { startDocument } from "../output/start-document.js";

/** What a service says while it runs. Lines, so that whatever collects them needs no terminal. */
export interface ServiceOutput {
  /** It does its work from now on. */
  ready(facts: Readonly<Record<string, unknown>> & { readonly event: string }, text: string): void;
  /** Begins, ends, waits and warnings of runs. */
  event(event: SyncEvent): void;
  /** The outcomes of scheduled starts. */
  start(start: StoredStart): void;
}

const shownEvents: ReadonlySet<SyncEvent["event"]> = new Set([
  "run:start",
  "run:wait",
  "run:warning",
  "run:end",
]);

/** One JSON document on each line. */
export function jsonOutput(stream: Writable): ServiceOutput {
  const print = (document: unknown): void => void stream.write(`${JSON.stringify(document)}\n`);
  return {
    ready: (facts) => print(facts),
    event(event) {
      if (shownEvents.has(event.event)) print(eventJson(event));
    },
    start: (start) => print({ event: "schedule:start", ...startDocument(start) }),
  };
}

/** Lines for people; only what is unusual about scheduled starts. */
export function textOutput(stream: Writable, stopping: AbortSignal): ServiceOutput {
  const print = (at: number, text: string): void => {
    stream.write(`${new Date(at).toISOString().slice(0, 19).replace("T", " ")}Z  ${text}\n`);
  };
  return {
    ready: (_facts, text) => void stream.write(`${text}\n`),
    event(event) {
      const text = describeEvent(event, stopping.aborted);
      if (text !== null) print(event.at, `${event.companyId}  ${text}`);
    },
    start(start) {
      const text = describeStart(start);
      if (text !== null) print(start.decidedAt, `${start.companyId}  ${text}`);
    },
  };
}

/** `null` for an event without a line. */
function describeEvent(event: SyncEvent, isClosing: boolean): string | null {
  switch (event.event) {
    case "run:start": {
      const work = event.replay ? "replay of rejections" : event.rederive ? "rederive" : event.mode;
      return `run ${event.runId} ${event.resumed ? "continues" : "starts"}: ${event.data}, ${work}`;
    }
    case "run:wait":
      return describeWait(event);
    case "run:warning":
      return `warning: ${event.warning.message}`;
    case "run:end":
      return `run ${event.runId} ${describeEnd(event, isClosing)}`;
    default:
      return null;
  }
}

function describeEnd(end: RunEndEvent, isClosing: boolean): string {
  if (end.status === "paused") {
    if (end.error !== null) return `is interrupted, and is tried again: ${end.error.message}`;
    return isClosing ? "is handed over to the next worker" : "continues when it is its turn again";
  }
  const counts = [
    `${countOf(end.successful, "record")} delivered`,
    `${formatCount(end.unchanged)} unchanged`,
    `${formatCount(end.failed)} rejected`,
  ];
  const line = `${end.status} in ${formatDuration(end.durationMs)}: ${counts.join(", ")}`;
  if (end.error === null) return line;
  return `${line}. ${end.error.message}${end.error.hint === null ? "" : ` Hint: ${end.error.hint}`}`;
}

/** `null` for starts that are as usual. */
function describeStart({ outcome, reason, count }: StoredStart): string | null {
  const starts = countOf(count, "scheduled start");
  if (outcome === "missed") return `${starts} missed while no scheduler was running: one sync catches up`;
  if (outcome === "delayed") return `${starts} delayed: too many were due at once`;
  if (outcome === "skipped" && reason === "overlap")
    return `${starts} skipped: the previous sync still waits`;
  return null;
}
