import type { RecordSinkObject } from "@titan-sync/core";
import { type Finding, warning } from "./finding.js";
import { problemOf } from "./problem-of.js";

const about = { check: "sink" } as const;

/** Asks the sink what each run asks it: whether it can take records, and what will keep it from that one day. */
export async function checkSink(
  sink: Pick<RecordSinkObject, "check" | "warnings">,
): Promise<readonly Finding[]> {
  try {
    await sink.check?.();
    const warnings = (await sink.warnings?.()) ?? [];
    return warnings.map(({ code, message }) => ({
      ...warning(about, message, "Each sync repeats this warning until it is fixed."),
      code,
    }));
  } catch (error) {
    return [problemOf(about, error)];
  }
}
