import type { Writable } from "node:stream";
import { eventJson } from "@titan-sync/core";
import { writeJson } from "../write.js";
import type { ProgressView } from "./progress-view.js";

/** One event a line, for programs. */
export function jsonView(stream: Writable): ProgressView {
  return { follow: () => (event) => writeJson(stream, eventJson(event)), close: () => undefined };
}
