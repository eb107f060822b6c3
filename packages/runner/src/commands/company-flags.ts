import type { TitanSync } from "@titan-sync/core";
import { UsageError } from "../program/usage-error.js";

/** What commands accept about a credential's company. */
export interface CompanyFlags {
  readonly trade?: string | undefined;
  readonly timeZone?: string | undefined;
}

/** @throws {@link UsageError} when `--time-zone` names none. */
export function checkCompanyFlags({ timeZone }: CompanyFlags): void {
  if (timeZone === undefined || isTimeZone(timeZone)) return;
  throw new UsageError(
    `Invalid --time-zone: "${timeZone}" is not an IANA time zone.`,
    'Time zone names look like "America/Chicago".',
  );
}

/** What is not said stays as it was: a second credential must not take a company's trade away. */
export async function saveCompany(
  { companies }: Pick<TitanSync, "companies">,
  companyId: string,
  flags: CompanyFlags,
): Promise<void> {
  const known = await companies.find(companyId);
  await companies.save(companyId, {
    ...known,
    trade: flags.trade ?? known?.trade ?? "General",
    timeZone: flags.timeZone ?? known?.timeZone ?? "UTC",
  });
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
