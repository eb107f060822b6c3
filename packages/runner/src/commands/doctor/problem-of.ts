import { TitanSyncError } from "@titan-sync/core";
import { UsageError } from "../../program/usage-error.js";
import { type Finding, problem } from "./finding.js";

/** An error that says itself what to do, as a finding; one that nobody expected is thrown on. */
export function problemOf(about: Pick<Finding, "check" | "credentialId">, error: unknown): Finding {
  if (!(TitanSyncError.is(error) || error instanceof UsageError)) throw error;
  return problem(about, error.message, error.hint ?? "See docs/errors.md for this error.");
}
