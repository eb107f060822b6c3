import { InvalidArgumentError } from "commander";

const unitsMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Reads `500ms`, `30s`, `13m`, `2h` or `7d` as milliseconds. */
export function parseDuration(text: string): number {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(text.trim());
  if (match === null) throw new InvalidArgumentError("Expected a duration such as 500ms, 30s or 13m.");
  const milliseconds = Number(match[1]) * unitsMs[match[2] as keyof typeof unitsMs];
  if (milliseconds === 0) throw new InvalidArgumentError("The duration must be longer than zero.");
  return milliseconds;
}

/** Reads a whole number within limits. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };
}

/** Reads a date or an instant, UTC: `2026-03-01` or `2026-03-01T12:00:00Z`. */
export function parseInstant(text: string): string {
  const trimmed = text.trim();
  const shape = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,7})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;
  const day = trimmed.slice(0, 10);
  // The date parser takes 2026-02-31 for the third of March.
  const exists = shape.test(trimmed) && !Number.isNaN(Date.parse(trimmed)) && dayExists(day);
  if (exists) return trimmed;
  throw new InvalidArgumentError("Expected a date or an instant such as 2026-03-01 or 2026-03-01T12:00:00Z.");
}

function dayExists(day: string): boolean {
  const parsed = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day);
}
