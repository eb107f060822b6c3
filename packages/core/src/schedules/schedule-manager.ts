import type { Auditor } from "../audit/auditor.js";
import { ValidationError } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { CredentialStore } from "../ports/credential-store.js";
import type { Page, PageRequest } from "../ports/page.js";
import type { ScheduleFilter, ScheduleStore, StoredSchedule } from "../ports/schedule-store.js";
import type { RecordCatalog } from "../records/definitions/catalog.js";
import { nextRunAfter } from "./next-run.js";
import { checkScheduleInput, type ScheduleInput } from "./schedule-input.js";

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
   * Creates a credential's schedule, or replaces it, and says when it starts its next run.
   * @throws {@link ValidationError} for an unknown credential or unusable values; {@link ConflictError} when the
   * schedule was changed meanwhile.
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
  readonly clock: Clock;
  readonly auditor: Auditor;
}

export function createScheduleManager({
  catalog,
  store,
  clock,
  auditor,
}: ScheduleManagerOptions): ScheduleManager {
  return {
    find: (credentialId) => store.findSchedule(credentialId),
    list: (filter, page) => store.listSchedules(filter, page),

    async save(credentialId, input, { expectedRevision, actor = "system", requestId } = {}) {
      const checked = checkScheduleInput(catalog, input);
      const credential = await store.findCredential(credentialId);
      if (credential === null) throw new ValidationError("No credential with this id exists.");
      const schedule = { ...checked, credentialId, nextRunAt: nextRunAfter(checked, clock.now()) };
      const current =
        expectedRevision === undefined
          ? ((await store.findSchedule(credentialId))?.revision ?? null)
          : expectedRevision;
      const saved = await store.saveSchedule({ schedule, expectedRevision: current });
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
