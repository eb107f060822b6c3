import type { JobPriority, QueuedJob } from "../ports/job-queue.js";

/** After so long a wait, in milliseconds, a job counts as one of the next priority. */
export const agingMs = 15 * 60 * 1000;

/** The first go first. Its place here is a priority's rank. */
export const jobPriorities = ["manual", "scheduled", "bulk"] as const satisfies readonly JobPriority[];

export function rankOf(priority: JobPriority): number {
  return jobPriorities.indexOf(priority);
}

/** What decides which waiting job is claimed next. */
export interface WaitingJob
  extends Pick<QueuedJob, "credentialId" | "companyId" | "priority" | "queuedAt" | "availableAt"> {
  /** Grows whenever a job is queued or put back. */
  readonly place: number;
  /** Grows with each claim, whatever is claimed; `null` unless the job's run may be unfinished. */
  readonly begun: number | null;
}

/** The number of a company's last turn of a rank, or less than any if it had none. */
export type LastTurns = (rank: number, companyId: string) => number;

/** Since when a job waits, its rest not counted. */
export function waitingSince({
  queuedAt,
  availableAt,
}: Pick<WaitingJob, "queuedAt" | "availableAt">): number {
  return Math.max(queuedAt, availableAt);
}

/** A clock that was put back makes nobody rest who does not. */
export function isResting({ queuedAt, availableAt }: WaitingJob, now: number): boolean {
  return availableAt > Math.max(now, queuedAt);
}

/** The rank of what a job counts as now. */
export function rankNow(job: WaitingJob, now: number): number {
  const gained = Math.floor(Math.max(0, now - waitingSince(job)) / agingMs);
  return Math.max(0, rankOf(job.priority) - gained);
}

/** By credential, the job that holds back its others. */
export function unfinishedJobs<Job extends WaitingJob>(jobs: Iterable<Job>): ReadonlyMap<string, Job> {
  const unfinished = new Map<string, Job>();
  for (const job of jobs) {
    const known = unfinished.get(job.credentialId);
    if (job.begun !== null && job.begun > (known?.begun ?? 0)) unfinished.set(job.credentialId, job);
  }
  return unfinished;
}

/** @param unfinished - the job that holds back its credential's others. */
export function isHeldBack(job: WaitingJob, unfinished: WaitingJob | undefined, now: number): boolean {
  if (unfinished === undefined || unfinished === job) return false;
  return !(job.priority === "manual" && isResting(unfinished, now));
}

/** The job of a credential that is next, of all that wait. */
export function nextOfCredential<Job extends WaitingJob>(jobs: readonly Job[], now: number): Job | null {
  const [unfinished] = unfinishedJobs(jobs).values();
  const [next] = jobs
    .filter((job) => !isHeldBack(job, unfinished, now))
    .sort(
      (left, right) =>
        Number(isResting(left, now)) - Number(isResting(right, now)) ||
        rankNow(left, now) - rankNow(right, now) ||
        left.place - right.place,
    );
  return next ?? null;
}

/** A job and where it stands: what is less goes first, the first number that differs decides. */
export interface OrderedJob<Job> {
  readonly job: Job;
  readonly order: readonly [rank: number, round: number, lastTurn: number, place: number];
}

/** Jobs in the order in which they would be claimed if all of them could be. */
export function inClaimOrder<Job extends WaitingJob>(
  jobs: readonly Job[],
  lastTurn: LastTurns,
  now: number,
): readonly OrderedJob<Job>[] {
  const rounds = new Map<string, number>();
  return [...jobs]
    .sort((left, right) => left.place - right.place)
    .map((job): OrderedJob<Job> => {
      const rank = rankNow(job, now);
      const company = `${rank} ${job.companyId}`;
      const round = rounds.get(company) ?? 0;
      rounds.set(company, round + 1);
      return { job, order: [rank, round, lastTurn(rank, job.companyId), job.place] };
    })
    .sort((left, right) => compareOrders(left.order, right.order));
}

export function compareOrders(left: readonly number[], right: readonly number[]): number {
  const differing = left.findIndex((value, index) => value !== right[index]);
  return differing === -1 ? 0 : (left[differing] ?? 0) - (right[differing] ?? 0);
}
