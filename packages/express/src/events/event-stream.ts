import { type Clock, eventJson, type Logger, type SyncEvent } from "@titan-sync/core";
import type { Response } from "express";
import { errorCodeOf } from "../http/error-code.js";
import type { EventLog } from "./event-log.js";

/** What is sent to one reader. */
export interface StreamPlan {
  /** The `Last-Event-ID` of a reader that reconnects. */
  readonly lastEventId: string | null;
  /** The current state, for a reader that has received nothing yet. */
  snapshot(): Promise<readonly SyncEvent[]>;
  /**
   * Which events the reader may currently see; `null` when it may no longer see any. Called at the
   * beginning and with every heartbeat.
   */
  permitted(): Promise<((event: SyncEvent) => boolean) | null>;
  /** Whether an event is the last one of interest. */
  isLast(event: SyncEvent): boolean;
}

export interface EventStreamOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly heartbeatMs: number;
  /** Ends the stream when the router is closed. */
  readonly signal: AbortSignal;
}

/**
 * How much is buffered for a reader that does not read. Beyond that, the reader is dropped, and may
 * reconnect.
 */
const maxWaitingBytes = 256 * 1024;

/** How long a reader waits before it reconnects, in milliseconds. */
const retryMs = 2000;

/** The id after which nothing comes: a browser that comes back with it is asked to stay away. */
export const lastId = "end";

/** Sends server-sent events until the reader leaves, or may see nothing more, or the last event was sent. */
export async function streamEvents(
  response: Response,
  plan: StreamPlan,
  options: EventStreamOptions,
): Promise<void> {
  const { log, clock, logger, heartbeatMs } = options;
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const signal = AbortSignal.any([gone.signal, options.signal]);
  let isVisible = await plan.permitted();
  if (isVisible === null || signal.aborted) {
    response.end();
    return;
  }

  response.writeHead(200, {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
  });
  response.write(`retry: ${retryMs}\n\n`);

  function write(text: string): void {
    if (signal.aborted) return;
    response.write(text);
    if (response.writableLength <= maxWaitingBytes) return;
    logger.warn({}, "an event client was too slow and was disconnected");
    response.destroy();
    gone.abort();
  }

  function send(event: SyncEvent, id: string | null): void {
    if (signal.aborted || isVisible?.(event) !== true) return;
    const isLast = plan.isLast(event);
    write(formatEvent(event, isLast ? lastId : id));
    if (isLast) gone.abort();
  }

  // Subscribed before the snapshot is read, so that nothing falls between the two.
  let early: { readonly id: string; readonly event: SyncEvent }[] | null = [];
  const unsubscribe = log.subscribe((entry) => {
    if (early === null) send(entry.event, entry.id);
    else early.push(entry);
  });

  try {
    const missed = plan.lastEventId === null ? null : log.after(plan.lastEventId);
    if (missed === null) {
      for (const event of await plan.snapshot()) send(event, null);
      for (const { id, event } of early) send(event, id);
    } else {
      // Events since then are in both.
      for (const { id, event } of missed) send(event, id);
    }
    early = null;
    while (!signal.aborted) {
      await clock.sleep(heartbeatMs, signal);
      isVisible = await plan.permitted();
      if (isVisible === null) break;
      write(": heartbeat\n\n");
    }
  } catch (error) {
    // A stream ends with an abort; any error ends it too, and the reader reconnects.
    if (!signal.aborted) logger.warn({ code: errorCodeOf(error) }, "an event stream ended early");
  } finally {
    unsubscribe();
    response.end();
  }
}

/** JSON text contains no line breaks, which would end the event. */
function formatEvent(event: SyncEvent, id: string | null): string {
  const data = JSON.stringify(eventJson(event));
  return `${id === null ? "" : `id: ${id}\n`}event: ${event.event}\ndata: ${data}\n\n`;
}
