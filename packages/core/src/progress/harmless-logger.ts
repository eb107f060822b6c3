import type { Logger } from "../ports/logger.js";

/**
 * A logger that the work does not depend on. A host's logger may throw, such as when its disk is full, or be
 * asynchronous and reject: the line is lost then, and nothing else. Lines are written where nobody could hear of it,
 * beside a heartbeat for instance.
 */
export function harmlessLogger(logger: Logger): Logger {
  const write =
    (level: keyof Logger): Logger["info"] =>
    (fields, message) => {
      try {
        const answer: unknown = logger[level](fields, message);
        if (answer instanceof Promise) answer.catch(() => undefined);
      } catch {
        // There is no other place to report it.
      }
    };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}
