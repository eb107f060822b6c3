const minuteMs = 60_000;

/** How long a job rests after each failed attempt in a row. The one after the last of them ends its run. */
export const restsMs: readonly number[] = [5 * minuteMs, 15 * minuteMs, 45 * minuteMs];

/** A database that restarts is back within seconds. One that fails longer is given the time that others get. */
const restsOfOutageMs: readonly number[] = [5_000, 30_000, ...restsMs];

/**
 * How long a job rests after its last failed attempt.
 * @param attempts - Failed attempts in a row, with the last one.
 * @param isOutage - Whether that one failed because the storage did not answer.
 * @returns `null` when it has failed too often.
 */
export function restAfter(attempts: number, isOutage: boolean): number | null {
  return (isOutage ? restsOfOutageMs : restsMs)[attempts - 1] ?? null;
}

/**
 * How often in a row the worker of a job may die before the job counts as what kills workers. More than a few: a machine
 * that is short of memory, or a deployment that goes wrong, kills workers for no fault of the job.
 */
export const maxLostClaims = 10;
