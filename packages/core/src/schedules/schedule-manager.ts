import type { Auditor } from "../audit/auditor.js";
import { invalid } from "../check-request.js";
import { ValidationError } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { CompanyDirectory } from "../ports/company-directory.js";
import type { CredentialStore, StoredCredential } from "../ports/credential-store.js";
import type { Page, PageRequest } from "../ports/page.js";
import type {
  ScheduledStart,
  ScheduleFilter,
  ScheduleStore,
  ScheduleTimes,
  StoredSchedule,
} from "../ports/schedule-store.js";
import type { SyncData } from "../ports/sync-run.js";
import type { RecordCatalog } from "../records/definitions/catalog.js";
import { changeSchedules, type ScheduleChanges, type ScheduleChangesRequest } from "./change-schedules.js";
import { startsGivenUp } from "./decide-starts.js";
import { firstStartAfter } from "./first-start-after.js";
import { isRegionTimeZone } from "./region-time-zone.js";
import { type CheckedSchedule, checkScheduleInput, type ScheduleInput } from "./schedule-input.js";
import { scheduleProblem } from "./schedule-problem.js";

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

/** A schedule to offer: one that `save` takes. */
export interface ScheduleProposal {
  readonly cron: string;
  readonly timeZone: string;
  readonly data: SyncData;
  readonly fullEvery: string;
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
   * Changes the schedules of many credentials, or says with `dryRun` how many would change. Everything is checked before
   * anything is saved; then one after another, so that a program that ends in between leaves some unchanged.
   * @throws {@link ValidationError} when one of the schedules would be invalid: nothing changes.
   */
  changeMany(request: ScheduleChangesRequest): Promise<ScheduleChanges>;
  /**
   * What to offer when a company connects: a sync each night in the company's time zone, and a full pass each week. It
   * is saved only if somebody accepts it, with `save`.
   */
  propose(companyId: string): Promise<ScheduleProposal>;
  /**
   * @returns whether there was one.
   * @throws {@link ConflictError} when the schedule was changed meanwhile.
   */
  remove(credentialId: string, options?: ScheduleChangeOptions): Promise<boolean>;
}

type Owner = Pick<StoredCredential, "id" | "companyId">;

interface Put {
  readonly owner: Owner;
  readonly checked: CheckedSchedule;
  readonly before: StoredSchedule | null;
  readonly expectedRevision: number | null | undefined;
  readonly origin: Pick<ScheduleChangeOptions, "actor" | "requestId">;
}

export interface ScheduleManagerOptions {
  readonly catalog: Pick<RecordCatalog, "drivers">;
  readonly store: ScheduleStore & Pick<CredentialStore, "findCredential" | "listCredentials">;
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
  const timeZoneOf = async (companyId: string) => (await company(companyId))?.timeZone ?? "UTC";

  async function check(owner: Owner, input: ScheduleInput): Promise<CheckedSchedule> {
    const companyTimeZone = input.timeZone === undefined ? await timeZoneOf(owner.companyId) : "UTC";
    const checked = checkScheduleInput({ catalog, companyTimeZone }, input);
    requireStarts({ ...checked, credentialId: owner.id }, clock.now());
    return checked;
  }

  async function put({ owner, checked, before, expectedRevision, origin }: Put): Promise<StoredSchedule> {
    const times = { ...checked, credentialId: owner.id };
    const now = clock.now();
    const next = nextStart(times, before, now);
    const saved = await store.saveSchedule({
      schedule: {
        ...times,
        nextNominalAt: next?.nominalAt ?? null,
        nextRunAt: next?.runAt ?? null,
        decidedUntil: Math.min(now, (next?.nominalAt ?? Number.POSITIVE_INFINITY) - 1),
      },
      expectedRevision: expectedRevision === undefined ? (before?.revision ?? null) : expectedRevision,
      decided: before === null || scheduleProblem(before) !== null ? [] : startsGivenUp(before, now),
    });
    await auditor.record({
      actor: origin.actor ?? "system",
      requestId: origin.requestId,
      action: "schedule:save",
      subject: owner.id,
      companyId: saved.companyId,
      outcome: "success",
      details: { ...checked, revision: saved.revision },
    });
    return saved;
  }

  return {
    find: (credentialId) => store.findSchedule(credentialId),
    list: (filter, page) => store.listSchedules(filter, page),

    async save(credentialId, input, { expectedRevision, ...origin } = {}) {
      const credential = await store.findCredential(credentialId);
      if (credential === null) throw new ValidationError("No credential with this id exists.");
      const checked = await check(credential, input);
      const before = await store.findSchedule(credentialId);
      return await put({ owner: credential, checked, before, expectedRevision, origin });
    },

    changeMany: ({ actor, requestId, ...request }) =>
      changeSchedules(
        {
          store,
          check,
          put: (owner, checked, before) =>
            put({
              owner,
              checked,
              before,
              expectedRevision: before?.revision ?? null,
              origin: { actor, requestId },
            }),
        },
        request,
      ),

    async propose(companyId) {
      const timeZone = await timeZoneOf(companyId);
      return {
        cron: "0 2 * * *",
        timeZone: isRegionTimeZone(timeZone) ? timeZone : "UTC",
        data: "both",
        fullEvery: "7d",
      };
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
  throw invalid("schedule", [`${field}: no start of this schedule is permitted, it would never run`]);
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
