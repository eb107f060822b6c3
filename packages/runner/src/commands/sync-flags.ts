import type { RangeField, SyncData, SyncMode, SyncRequest } from "@titan-sync/core";
import { UsageError } from "../program/usage-error.js";
import type { ManySelector } from "./select-credentials.js";

/** The flags of `sync`. */
export interface SyncFlags extends ManySelector {
  readonly data: SyncData;
  readonly mode?: SyncMode | undefined;
  readonly fresh?: boolean | undefined;
  readonly rederive?: boolean | undefined;
  readonly allowRemovals?: boolean | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly by?: RangeField | undefined;
  readonly dryRun?: boolean | undefined;
  /** Milliseconds. */
  readonly stopAfter?: number | undefined;
  readonly json?: boolean | undefined;
}

/**
 * What is asked of each credential.
 * @throws {@link UsageError} that lists every contradiction at once.
 */
export function syncRequestOf(flags: SyncFlags): Omit<SyncRequest, "credentialId" | "signal"> {
  const issues = contradictions(flags);
  if (issues.length > 0)
    throw new UsageError(issues.join(" "), '"titan-sync sync --help" explains the flags.');
  return {
    data: flags.data,
    mode: flags.mode,
    fresh: flags.fresh,
    rederive: flags.rederive,
    allowRemovals: flags.allowRemovals,
    from: flags.from,
    to: flags.to,
    by: flags.by,
    dryRun: flags.dryRun,
    stopAfterMs: flags.stopAfter,
    actor: "cli",
  };
}

function contradictions(flags: SyncFlags): string[] {
  const issues: string[] = [];
  const isRange = flags.from !== undefined || flags.to !== undefined;
  if (flags.by !== undefined && !isRange) issues.push("--by requires --from or --to.");
  if (flags.by === "invoiced" && flags.data !== "invoices") {
    issues.push("--by invoiced requires --data invoices.");
  }
  if (isRange && flags.mode === "full") issues.push("--from and --to cannot be used with --mode full.");
  if (flags.from !== undefined && flags.to !== undefined && Date.parse(flags.from) >= Date.parse(flags.to)) {
    issues.push("--from must be before --to.");
  }
  if (flags.rederive === true && (flags.mode === "full" || flags.fresh === true || isRange)) {
    issues.push(
      "--rederive does not call the API, so it cannot be used with --mode full, --fresh, --from or --to.",
    );
  }
  return issues;
}
