import type { Answer } from "./exchange.js";
import { problem } from "./problem.js";

/** How a 429 says how long to wait: in `Retry-After` as seconds or as a date, in its title only, or not at all. */
export type RetryAfterForm = "seconds" | "date" | "title" | "none";

/** @param now - Epoch milliseconds, for the date. */
export function throttledAnswer(form: RetryAfterForm, seconds: number, now: number): Answer {
  switch (form) {
    case "seconds":
      return problem(429, titleOf(seconds), {}, { "retry-after": String(seconds) });
    case "date":
      return problem(
        429,
        "Rate limit is exceeded.",
        {},
        { "retry-after": new Date(now + seconds * 1000).toUTCString() },
      );
    case "title":
      return problem(429, titleOf(seconds));
    case "none":
      return problem(429, "Rate limit is exceeded.");
  }
}

function titleOf(seconds: number): string {
  return `Rate limit is exceeded. Try again in ${seconds} seconds.`;
}
