import type { Writable } from "node:stream";
import type { Clock, RecordType, SyncEvent } from "@titan-sync/core";
import cliProgress, { type SingleBar } from "cli-progress";
import type { Style } from "../style.js";
import { type BarState, barLine } from "./bar-line.js";
import { type ExpectedRows, type ProgressView, titleOf } from "./progress-view.js";
import { type Line, waitLine } from "./wait-line.js";

export interface BarsViewOptions {
  readonly stream: Writable;
  readonly style: Style;
  readonly clock: Clock;
  readonly expected?: ExpectedRows | undefined;
}

interface Bar {
  readonly bar: SingleBar;
  readonly state: BarState;
}

/** A bar for each feed and for each kind of record, and a line for each run that waits, redrawn in place. */
export function barsView({ stream, style, clock, expected = {} }: BarsViewOptions): ProgressView {
  const bars = new cliProgress.MultiBar({
    // The types only allow streams of the process; any writable with a cursor works.
    stream: stream as NodeJS.WritableStream,
    format: (_options, _parameters, { draw }: { draw: (now: number) => string }) => `  ${draw(clock.now())}`,
    hideCursor: true,
    clearOnComplete: false,
    emptyOnZero: true,
    // The program stops the bars itself, also on a signal.
    gracefulExit: false,
  });

  function addLine(draw: (now: number) => string): Line {
    const bar = bars.create(1, 0, { draw });
    return {
      remove() {
        bars.remove(bar);
      },
    };
  }

  return {
    follow(label) {
      const recordWait = waitLine({ label, style, addLine });
      const known = new Map<string, Bar>();
      const change = (name: string, next: Partial<Omit<BarState, "title">>): void => {
        const before = known.get(name);
        const title = label === null ? name : `${label} ${name}`;
        const state: BarState = {
          ...(before?.state ?? { title, value: 0, total: null, secondsLeft: null, outcome: "reading" }),
          ...next,
        };
        const draw = (now: number): string => barLine(state, now, style);
        const bar = before?.bar ?? bars.create(1, 0, { draw });
        known.set(name, { bar, state });
        bar.update({ draw });
      };
      return async (event) => {
        recordWait(event);
        follow(event, change, expected);
      };
    },
    close: () => bars.stop(),
  };
}

const deliveryName = (record: RecordType): string => `→ ${titleOf(record)}`;

function follow(
  event: SyncEvent,
  change: (name: string, next: Partial<Omit<BarState, "title">>) => void,
  expected: ExpectedRows,
): void {
  switch (event.event) {
    case "feed:start":
      change(event.feed, { outcome: "reading", total: expected[event.feed] ?? null });
      break;
    case "page:read":
      if (event.total !== null) change(event.feed, { total: event.total, secondsLeft: event.secondsLeft });
      break;
    case "batch:landed":
      change(event.feed, { value: event.figures.read });
      break;
    case "feed:end":
      change(event.feed, { value: event.figures.read, outcome: event.outcome });
      break;
    case "batch:delivered": {
      const name = deliveryName(event.record);
      const total = event.total ?? expected[event.record] ?? null;
      const isComplete = total !== null && event.figures.derived >= total;
      change(name, {
        value: event.figures.derived,
        total,
        secondsLeft: event.secondsLeft,
        outcome: isComplete ? "delivered" : "delivering",
      });
      break;
    }
    default:
      break;
  }
}
