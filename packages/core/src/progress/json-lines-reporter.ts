import type { ProgressReporter } from "../ports/progress-reporter.js";
import { eventJson } from "./event-json.js";

/** Where lines go: standard output, a file's stream, or anything else that takes text. */
export interface LineWriter {
  write(text: string): unknown;
}

/**
 * Writes one event a line, as JSON; instants are ISO 8601 text.
 *
 * @example
 * const titan = createTitanSync({ storage, keys, sink, progress: jsonLinesReporter(process.stdout) });
 */
export function jsonLinesReporter(writer: LineWriter): ProgressReporter {
  return (event) => {
    writer.write(`${JSON.stringify(eventJson(event))}\n`);
  };
}
