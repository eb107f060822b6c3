import type { ProgressReporter } from "../ports/progress-reporter.js";

/** Tells nobody. */
export const noopProgressReporter: ProgressReporter = () => undefined;
