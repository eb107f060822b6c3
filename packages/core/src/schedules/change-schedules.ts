import { eachItem } from "../async/each-page.js";
import { invalid } from "../check-request.js";
import { ConflictError, ValidationError } from "../errors.js";
import type { CredentialFilter, CredentialStore, StoredCredential } from "../ports/credential-store.js";
import type { ScheduleStore, StoredSchedule } from "../ports/schedule-store.js";
import type { CheckedSchedule, ScheduleInput } from "./schedule-input.js";

/** A change of many schedules at once. */
export interface ScheduleChangesRequest {
  /** The credentials whose schedules change. @defaultValue all credentials */
  readonly filter?: CredentialFilter | undefined;
  /**
   * What changes: anything else stays as each schedule has it. Where a credential has no schedule yet, one is created if
   * this says `cron` or `every`.
   */
  readonly changes: ScheduleInput;
  /** Only count what would change. @defaultValue false */
  readonly dryRun?: boolean | undefined;
  /** Who requested it, for the audit log. @defaultValue "system" */
  readonly actor?: string | undefined;
  /** The id of the request, for the audit log. */
  readonly requestId?: string | undefined;
}

/** What a change of many schedules does, or would do: numbers of credentials. */
export interface ScheduleChanges {
  readonly selected: number;
  /** Had no schedule. */
  readonly created: number;
  readonly changed: number;
  /** Have this schedule already: their revision stays the same. */
  readonly unchanged: number;
  /** Have no schedule, and the changes do not say when to start. */
  readonly withoutSchedule: number;
  /** Somebody else changed their schedules meanwhile, and those stand; repeat the change for them. */
  readonly changedMeanwhile: number;
}

export interface ScheduleChangesOptions {
  readonly store: Pick<ScheduleStore, "findSchedule"> & Pick<CredentialStore, "listCredentials">;
  /** @throws {@link ValidationError} for a schedule that cannot be saved. */
  check(credential: Owner, input: ScheduleInput): Promise<CheckedSchedule>;
  /** @throws {@link ConflictError} when the schedule is another one by now. */
  put(owner: Owner, checked: CheckedSchedule, before: StoredSchedule | null): Promise<unknown>;
}

type Owner = Pick<StoredCredential, "id" | "companyId">;

interface PlannedChange {
  readonly owner: Owner;
  readonly checked: CheckedSchedule;
  readonly before: StoredSchedule | null;
}

/** Everything is checked before anything is saved. */
export async function changeSchedules(
  { store, check, put }: ScheduleChangesOptions,
  { filter = {}, changes, dryRun = false }: ScheduleChangesRequest,
): Promise<ScheduleChanges> {
  const planned: PlannedChange[] = [];
  const mistakes = new Map<string, string[]>();
  let [selected, created, changed, unchanged, withoutSchedule, changedMeanwhile] = [0, 0, 0, 0, 0, 0];
  for await (const { id, companyId } of eachItem((page) => store.listCredentials(filter, page))) {
    selected += 1;
    const before = await store.findSchedule(id);
    const input = before === null ? changes : { ...settingsOf(before, changes), ...givenOf(changes) };
    if (before === null && !saysWhen(changes)) withoutSchedule += 1;
    else {
      try {
        const owner = { id, companyId };
        const checked = await check(owner, input);
        if (before !== null && isSame(checked, before)) unchanged += 1;
        else planned.push({ owner, checked, before });
      } catch (error) {
        if (!(error instanceof ValidationError)) throw error;
        for (const issue of error.issues) mistakes.set(issue, [...(mistakes.get(issue) ?? []), companyId]);
      }
    }
  }
  if (mistakes.size > 0) throw invalid("schedule", [...mistakes].map(withCompanies));
  for (const { owner, checked, before } of planned) {
    try {
      if (!dryRun) await put(owner, checked, before);
      if (before === null) created += 1;
      else changed += 1;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      changedMeanwhile += 1;
    }
  }
  return { selected, created, changed, unchanged, withoutSchedule, changedMeanwhile };
}

function withCompanies([issue, companies]: readonly [string, readonly string[]]): string {
  const [first = ""] = companies;
  return `${issue} (company ${first}${companies.length > 1 ? ` and ${companies.length - 1} more` : ""})`;
}

function saysWhen({ cron, every }: ScheduleInput): boolean {
  return (cron ?? every ?? null) !== null;
}

/** What a schedule has, without its times where the changes bring other ones. */
function settingsOf(before: StoredSchedule, changes: ScheduleInput): ScheduleInput {
  const { cron, every, timeZone, window, quietDays, data, fullEvery, enabled } = before;
  const settings = { timeZone, window, quietDays, data, fullEvery, enabled };
  return saysWhen(changes) ? settings : { ...settings, cron, every };
}

function givenOf(changes: ScheduleInput): ScheduleInput {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

function isSame(checked: CheckedSchedule, before: StoredSchedule): boolean {
  return (
    checked.cron === before.cron &&
    checked.every === before.every &&
    checked.timeZone === before.timeZone &&
    checked.window === before.window &&
    checked.quietDays.join() === before.quietDays.join() &&
    checked.data === before.data &&
    checked.fullEvery === before.fullEvery &&
    checked.enabled === before.enabled
  );
}
