import type { EndStatus, RunResult } from "@titan-sync/core";
import { expect, it } from "vitest";
import { summariseRun } from "./run-summary.js";

const plain = (_look: unknown, text: string): string => text;

function resultOf(status: EndStatus): RunResult {
  return {
    runId: "run-1",
    credentialId: "credential-1",
    companyId: "acme",
    status,
    ledger: { feeds: {}, records: {}, processed: 0, successful: 0, failed: 0, unchanged: 0 },
    warnings: [],
    error: null,
    durationMs: 1000,
    api: { requests: 1, throttled: 0, retries: 0 },
    diff: null,
  };
}

it.each([
  ["paused", "the same command continues this run"],
  ["cancelled", "the next incremental sync continues from there"],
] as const)("says what is kept of a %s run and how it continues", (status, next) => {
  const text = summariseRun("acme production", resultOf(status), plain);
  expect(text).toContain(`Rows read and records delivered so far are kept; ${next}.`);
});

it("prints nothing more about a completed run", () => {
  expect(summariseRun("acme production", resultOf("completed"), plain)).not.toContain("is kept");
});
