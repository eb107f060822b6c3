const minuteMs = 60_000;

/** How long a job rests after each failed attempt in a row. */
export const restsMs: readonly number[] = [5 * minuteMs, 15 * minuteMs, 45 * minuteMs];

/**
 * How often in a row the worker of a job may die before the job counts as what kills workers. More than a few: a machine
 * that is short of memory, or a deployment that goes wrong, kills workers for no fault of the job.
 */
export const maxLostClaims = 10;
