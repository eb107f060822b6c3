import { formatCount, formatDuration } from "../format.js";
import type { Style } from "../style.js";

/** One bar as it stands. */
export interface BarState {
  readonly title: string;
  readonly value: number;
  /** `null` while it is unknown. */
  readonly total: number | null;
  /** An estimate; `null` while there is none. */
  readonly secondsLeft: number | null;
  readonly outcome: "reading" | "drained" | "degraded" | "failed" | "delivering" | "delivered";
}

const titleWidth = 20;
const barWidth = 28;
const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"] as const;
const frameMs = 100;

/** Draws a bar: as long as the known share, or a moving sign and a count where the end is not known. */
export function barLine(bar: BarState, now: number, style: Style): string {
  const title = bar.title.padEnd(titleWidth);
  const isOver = !["reading", "delivering"].includes(bar.outcome);
  const count = formatCount(bar.value);
  if (bar.outcome === "failed" || bar.outcome === "degraded") {
    return `${style("red", "✗")} ${title} ${style("red", bar.outcome.padEnd(barWidth))} ${count}`;
  }
  if (isOver) return `${style("green", "✓")} ${title} ${style("green", "█".repeat(barWidth))} ${count}`;

  const sign = style("cyan", frames[Math.floor(now / frameMs) % frames.length] ?? "");
  if (bar.total === null || bar.total === 0) {
    return `${sign} ${title} ${style("dim", "░".repeat(barWidth))} ${count}`;
  }
  const filled = Math.min(barWidth, Math.floor((bar.value / bar.total) * barWidth));
  const drawn = style("cyan", "█".repeat(filled)) + style("dim", "░".repeat(barWidth - filled));
  const left =
    bar.secondsLeft === null ? "" : style("dim", `  ${formatDuration(bar.secondsLeft * 1000)} left`);
  return `${sign} ${title} ${drawn} ${count} of ${formatCount(bar.total)}${left}`;
}
