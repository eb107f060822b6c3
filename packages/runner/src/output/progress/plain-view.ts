import type { Writable } from "node:stream";
import type { Clock, SyncEvent } from "@titan-sync/core";
import { countOf, formatCount } from "../format.js";
import { writeLine } from "../write.js";
import { type ProgressView, titleOf } from "./progress-view.js";
import { describeWait } from "./wait-text.js";

/** How often a slow feed or delivery prints a line. */
const quietMs = 5_000;

/** Lines for logs and pipes: when something ends, and a sign of life of what takes long. */
export function plainView(stream: Writable, clock: Clock): ProgressView {
  return {
    follow(label) {
      const prefix = label === null ? "" : `${label}  `;
      let lastLineAt = clock.now();
      return async (event) => {
        const isTalkative = event.event === "batch:landed" || event.event === "batch:delivered";
        if (isTalkative && clock.now() - lastLineAt < quietMs) return;
        const text = describeEvent(event);
        if (text === null) return;
        lastLineAt = clock.now();
        await writeLine(stream, `${new Date(event.at).toISOString().slice(11, 19)}  ${prefix}${text}`);
      };
    },
    close: () => undefined,
  };
}

function describeWork({
  mode,
  rederive,
  replay,
  dryRun,
}: Extract<SyncEvent, { event: "run:start" }>): string {
  const work = replay ? "replay of rejections" : rederive ? "rederive" : mode;
  return dryRun ? `${work}, dry run` : work;
}

/** `null` for an event without a line. */
function describeEvent(event: SyncEvent): string | null {
  switch (event.event) {
    case "run:start":
      return `run ${event.runId} ${event.resumed ? "continues" : "starts"}: ${event.data}, ${describeWork(event)}`;
    case "batch:landed":
      return `${event.feed}: ${formatCount(event.figures.read)} read so far`;
    case "feed:end": {
      const { read, landed, rejected } = event.figures;
      const refused = rejected === 0 ? "" : `, ${formatCount(rejected)} rejected`;
      return `${event.feed}: ${event.outcome}, ${countOf(read, "row")} read, ${formatCount(landed)} landed${refused}`;
    }
    case "batch:delivered":
      return `${titleOf(event.record)}: ${formatCount(event.figures.delivered)} delivered so far`;
    case "run:wait":
      return describeWait(event);
    case "run:warning":
      return `warning: ${event.warning.message}`;
    case "run:end":
      return `run ${event.runId} ${event.status}`;
    default:
      return null;
  }
}
