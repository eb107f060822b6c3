import type { Writable } from "node:stream";
import { styleText } from "node:util";
import { isTerminal } from "../program/context.js";

type Format = Parameters<typeof styleText>[0];

/** Colors text, or leaves it as it is. */
export type Style = (format: Format, text: string) => string;

/** Colors for a terminal; none elsewhere, and none where `NO_COLOR` asks so. */
export function styleFor(stream: Writable, environment: Readonly<Record<string, string | undefined>>): Style {
  const plain =
    !isTerminal(stream) || (environment["NO_COLOR"] ?? "") !== "" || environment["TERM"] === "dumb";
  return (format, text) => (plain ? text : styleText(format, text, { validateStream: false }));
}
