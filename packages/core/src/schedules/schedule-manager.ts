import type { Auditor } from "../audit/auditor.js";
import { ValidationError } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { CompanyDirectory } from "../ports/company-directory.js";
import type { CredentialStore } from "../ports/credential-store.js";
import type { Page, PageRequest } from "../ports/page.js";
import type {
  ScheduledStart,
  ScheduleFilter,
  ScheduleStore,
  ScheduleTimes,
  StoredSchedule,
} from "../ports/schedule-store.js";
import type { RecordCatalog } from "../records/definitions/catalog.js";
import { firstStartAfter } from "./first-start-after.js";
import { checkScheduleInput, invalidSchedule, type ScheduleInput } from "./schedule-input.js";

export interface ScheduleChangeOptions {
  /**
   * Refuse the change if the schedule no longer has this revision; `null` if no schedule may exist yet. @defaultValue
   * any revision
   */
  readonly expectedRevision?: number | null | undefined;
  /** Who requested it, for the audit log. @defaultValue "system" */
  readonly actor?: string | undefined;
  /** The id of the request, for the audit log. */
  readonly requestId?: string | undefined;
}

/** The schedules on which credentials are synced automatically. A worker has to start the runs. */
export interface ScheduleManager {
  /** `null` when the credential has none. */
  find(credentialId: string): Promise<StoredSchedule | null>;
  /** Ordered by company and credential. */
  list(filter: ScheduleFilter, page: PageRequest): Promise<Page<StoredSchedule>>;
  /**
   * Creates a credential's schedule, or replaces it, and says when it starts its next run. Saving starts none: the first
   * start is one whose nominal instant is still to come, or that was waiting for its jitter before and is still one.
   * @throws {@link ValidationError} for an unknown credential, unusable values, and a schedule that would never start;
   * {@link ConflictError} when the schedule was changed meanwhile.
   */
  save(credentialId: string, input: ScheduleInput, options?: ScheduleChangeOptions): Promise<StoredSchedule>;
  /**
   * @returns whether there was one.
   * @throws {@link ConflictError} when the schedule was changed meanwhile.
   */
  remove(credentialId: string, options?: ScheduleChangeOptions): Promise<boolean>;
}

export interface ScheduleManagerOptions {
  readonly catalog: Pick<RecordCatalog, "drivers">;
  readonly store: ScheduleStore & Pick<CredentialStore, "findCredential">;
  /** For the time zones of companies. */
  readonly company: CompanyDirectory;
  readonly clock: Clock;
  readonly auditor: Auditor;
}

export function createScheduleManager({
  catalog,
  store,
  company,
  clock,
  auditor,
}: ScheduleManagerOptions): ScheduleManager {
  return {
    find: (credentialId) => store.findSchedule(credentialId),
    list: (filter, page) => store.listSchedules(filter, page),

    async save(credentialId, input, { expectedRevision, actor = "system", requestId } = {}) {
      const credential = await store.findCredential(credentialId);
      if (credential === null) throw new ValidationError("No credential with this id exists.");
      const companyTimeZone = (await company(credential.companyId))?.timeZone ?? "UTC";
      const checked = checkScheduleInput({ catalog, companyTimeZone }, input);
      const times = { ...checked, credentialId };
      requireStarts(times, clock.now());
      const before = await store.findSchedule(credentialId);
      const next = nextStart(times, before, clock.now());
      const saved = await store.saveSchedule({
        schedule: { ...times, nextNominalAt: next?.nominalAt ?? null, nextRunAt: next?.runAt ?? null },
        expectedRevision: expectedRevision === undefined ? (before?.revision ?? null) : expectedRevision,
      });
      await auditor.record({
        actor,
        requestId,
        action: "schedule:save",
        subject: credentialId,
        companyId: saved.companyId,
        outcome: "success",
        details: { ...checked, revision: saved.revision },
      });
      return saved;
    },

    async remove(credentialId, { expectedRevision, actor = "system", requestId } = {}) {
      const stored = await store.findSchedule(credentialId);
      const isRemoved = await store.removeSchedule({
        credentialId,
        expectedRevision: expectedRevision ?? undefined,
      });
      if (stored !== null && isRemoved) {
        await auditor.record({
          actor,
          requestId,
          action: "schedule:remove",
          subject: credentialId,
          companyId: stored.companyId,
          outcome: "success",
          details: { revision: stored.revision },
        });
      }
      return isRemoved;
    },
  };
}

/** A schedule that never starts says so when it is saved, not by silence. */
function requireStarts(times: ScheduleTimes, now: number): void {
  if (firstStartAfter({ ...times, enabled: true }, now) !== null) return;
  const field = times.window === null ? "quietDays" : "window";
  throw invalidSchedule([`${field}: no start of this schedule is permitted, it would never run`]);
}

/** A start that waits for its jitter is not lost because somebody saves the schedule meanwhile. */
function nextStart(times: ScheduleTimes, before: StoredSchedule | null, now: number): ScheduledStart | null {
  const { nextNominalAt: nominalAt, nextRunAt: runAt } = before ?? { nextNominalAt: null, nextRunAt: null };
  if (nominalAt !== null && runAt !== null && nominalAt <= now && now < runAt) {
    const kept = firstStartAfter(times, nominalAt - 1);
    if (kept?.nominalAt === nominalAt && kept.runAt > now) return kept;
  }
  return firstStartAfter(times, now);
}
