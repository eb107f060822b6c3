import { changedMeanwhile } from "../conflicts.js";

import { decodeCursor } from "../paging/page-cursor.js";
import type { Clock } from "../ports/clock.js";
import type { StoredCredential } from "../ports/credential-store.js";
import type { Schedule, ScheduleFilter, ScheduleStore, StoredSchedule } from "../ports/schedule-store.js";
import type { StartLedgerEntry } from "../ports/start-ledger.js";
import { compareText } from "./compare-ids.js";
import { takePage } from "./paging.js";

/** Schedules that go with their credentials. */
export interface MemorySchedules extends ScheduleStore {
  all(): readonly StoredSchedule[];
  put(schedule: StoredSchedule): void;
  /** Deletes the schedule of a credential that is removed. */
  forget(credentialId: string): void;
}

/**
 * @param findCredential - whose schedules there may be.
 * @param onSave - Records starts that a change gives up.
 */
export function memorySchedules(
  clock: Clock,
  findCredential: (id: string) => StoredCredential | null,
  onSave: (schedule: StoredSchedule, decided: readonly StartLedgerEntry[]) => void,
): MemorySchedules {
  const schedules = new Map<string, StoredSchedule>();

  function find(credentialId: string): StoredSchedule | null {
    return schedules.get(credentialId) ?? null;
  }

  function all(): readonly StoredSchedule[] {
    return [...schedules.values()];
  }

  function put(schedule: StoredSchedule): StoredSchedule {
    schedules.set(schedule.credentialId, schedule);
    return schedule;
  }

  return {
    all,
    put,
    forget: (credentialId) => void schedules.delete(credentialId),
    findSchedule: async (credentialId) => find(credentialId),

    async listSchedules(filter, page) {
      const [companyId, credentialId] = decodeCursor("schedules", 2, page) ?? [];
      const isAfter = (schedule: StoredSchedule): boolean =>
        companyId === undefined ||
        credentialId === undefined ||
        compareOwners(schedule, { companyId, credentialId }) > 0;
      const listed = all().filter((schedule) => matches(schedule, filter) && isAfter(schedule));
      return takePage("schedules", [...listed].sort(compareOwners), page, (schedule) => [
        schedule.companyId,
        schedule.credentialId,
      ]);
    },

    async saveSchedule({ schedule, expectedRevision, decided = [] }) {
      const credential = findCredential(schedule.credentialId);
      if (credential === null) throw changedMeanwhile("schedule or its credential");
      const before = find(schedule.credentialId);
      if ((before?.revision ?? null) !== expectedRevision)
        throw changedMeanwhile("schedule or its credential");
      const now = clock.now();
      const saved = {
        ...fieldsOf(schedule),
        companyId: credential.companyId,
        revision: (before?.revision ?? 0) + 1,
        createdAt: before?.createdAt ?? now,
        updatedAt: now,
      };
      onSave(saved, decided);
      return put(saved);
    },

    async removeSchedule({ credentialId, expectedRevision }) {
      const before = find(credentialId);
      if (before === null) return false;
      if (expectedRevision !== undefined && before.revision !== expectedRevision)
        throw changedMeanwhile("schedule or its credential");
      return schedules.delete(credentialId);
    },
  };
}

function fieldsOf(schedule: Schedule): Schedule {
  return {
    credentialId: schedule.credentialId,
    cron: schedule.cron,
    every: schedule.every,
    timeZone: schedule.timeZone,
    window: schedule.window,
    quietDays: [...schedule.quietDays],
    data: schedule.data,
    fullEvery: schedule.fullEvery,
    enabled: schedule.enabled,
    nextNominalAt: schedule.nextNominalAt,
    nextRunAt: schedule.nextRunAt,
    decidedUntil: schedule.decidedUntil,
  };
}

function matches({ companyId }: StoredSchedule, filter: ScheduleFilter): boolean {
  return (
    (filter.companyId === undefined || companyId === filter.companyId) &&
    (filter.companyIds === undefined || filter.companyIds.includes(companyId))
  );
}

type Owner = Pick<StoredSchedule, "companyId" | "credentialId">;

function compareOwners(left: Owner, right: Owner): number {
  return compareText(left.companyId, right.companyId) || compareText(left.credentialId, right.credentialId);
}
