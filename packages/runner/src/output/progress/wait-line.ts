import type { SyncEvent } from "@titan-sync/core";
import type { Style } from "../style.js";
import { describeWait } from "./wait-text.js";

/** A line below the bars; drawn again until it is removed. */
export interface Line {
  remove(): void;
}

export interface WaitLineOptions {
  /** The run's label if there are several; otherwise its company is used. */
  readonly label: string | null;
  readonly style: Style;
  readonly addLine: (draw: (now: number) => string) => Line;
}

/** Events that show that a run continues; responses to earlier requests may still arrive while it waits. */
const signsOfLife: ReadonlySet<SyncEvent["event"]> = new Set([
  "page:read",
  "batch:landed",
  "batch:delivered",
  "feed:end",
]);

/** One line while a run waits for ServiceTitan, gone when it continues. */
export function waitLine({ label, style, addLine }: WaitLineOptions): (event: SyncEvent) => void {
  let wait: { readonly until: number; readonly line: Line } | null = null;
  function end(): void {
    wait?.line.remove();
    wait = null;
  }
  return (event) => {
    if (event.event === "run:wait") {
      end();
      const { until } = event;
      const name = label ?? event.companyId;
      const text = describeWait(event);
      const draw = (now: number): string =>
        style("yellow", now < until ? `⏸ ${name} ${text}` : `⏸ ${name} is trying again`);
      wait = { until, line: addLine(draw) };
    } else if (event.event === "run:end") end();
    else if (wait !== null && signsOfLife.has(event.event) && event.at >= wait.until) end();
  };
}
