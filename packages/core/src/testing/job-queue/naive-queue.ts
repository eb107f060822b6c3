import { expect } from "vitest";
import type {
  ClaimedJob,
  Enqueued,
  JobPriority,
  JobQueue,
  QueuedJob,
  SyncJob,
} from "../../ports/job-queue.js";

interface NaiveJob {
  readonly job: SyncJob;
  priority: JobPriority;
  queuedAt: number;
  availableAt: number;
  /** The number of the step that queued it or put it back. */
  place: number;
  /** The number of its last claim, while its run may be unfinished. */
  begun: number | null;
  attempts: number;
  slices: number;
  lostClaims: number;
  claim: { readonly id: string; endsAt: number } | null;
}

const ranks: readonly JobPriority[] = ["manual", "scheduled", "bulk"];
const quarterHourMs = 15 * 60_000;

/**
 * What a queue promises, read word by word: everything is looked at again in each step. It says whether what a queue
 * did was allowed, and follows it.
 */
export class NaiveQueue {
  now: number;
  readonly #jobs: NaiveJob[] = [];
  /** By priority and company: who else has had a job to claim ever since, and no turn. */
  readonly #waitedSince = new Map<string, Set<string>>();
  #steps = 0;

  constructor(now: number) {
    this.now = now;
  }

  enqueue(job: SyncJob, unlessWaiting: boolean, { runId, outcome }: Enqueued): void {
    const others = this.#waiting().filter((other) => other.job.credentialId === job.credentialId);
    const equal = others.filter((other) => requestText(other.job) === requestText(job));
    if (unlessWaiting && others.length > 0) {
      expect(outcome).toBe("waiting");
      expect(others.map((other) => other.job.runId)).toContain(runId);
    } else if (equal.length > 0) {
      expect(outcome).toBe("merged");
      const merged = equal.find((other) => other.job.runId === runId);
      if (merged === undefined) throw new Error("It was merged into a job that is not equal.");
      if (rank(job.priority) < rank(merged.priority)) merged.priority = job.priority;
      if (job.priority === "manual" && merged.availableAt > this.now) merged.availableAt = this.now;
    } else {
      expect({ runId, outcome }).toEqual({ runId: job.runId, outcome: "queued" });
      this.#jobs.push({
        job,
        priority: job.priority,
        queuedAt: this.now,
        availableAt: this.now,
        place: this.#step(),
        begun: null,
        attempts: 0,
        slices: 0,
        lostClaims: 0,
        claim: null,
      });
    }
  }

  claim(minPriority: JobPriority, claimed: ClaimedJob | null, claimMs: number): void {
    const allowed = this.#claimable().filter((job) => this.#rank(job) <= rank(minPriority));
    if (claimed === null) {
      expect(allowed.map(({ job }) => job.runId)).toEqual([]);
      return;
    }
    const job = allowed.find((candidate) => candidate.job.runId === claimed.job.runId);
    if (job === undefined) throw new Error("A job was claimed that may not be.");
    const best = this.#rank(job);
    expect(Math.min(...allowed.map((candidate) => this.#rank(candidate)))).toBe(best);
    const { companyId } = job.job;
    const before = allowed.filter(
      (other) => this.#rank(other) === best && other.job.companyId === companyId && other.place < job.place,
    );
    expect(before.map((other) => other.job.runId)).toEqual([]);
    this.notice();
    expect([...(this.#waitedSince.get(`${best} ${companyId}`) ?? [])]).toEqual([]);

    job.lostClaims += job.claim === null ? 0 : 1;
    job.claim = { id: claimed.claimId, endsAt: this.now + claimMs };
    job.begun = this.#step();
    expect(claimed.job).toEqual(toQueuedJob(job));
    for (const [key, companies] of this.#waitedSince)
      if (key.startsWith(`${best} `)) companies.delete(companyId);
    this.#waitedSince.set(`${best} ${companyId}`, this.#companiesWaiting(best, companyId));
  }

  /** Forgets of whom it was noted that they wait, if they no longer do. To be called after each step. */
  notice(): void {
    for (const [key, companies] of this.#waitedSince) {
      const [of, companyId = ""] = key.split(" ");
      const still = this.#companiesWaiting(Number(of), companyId);
      for (const company of companies) if (!still.has(company)) companies.delete(company);
    }
  }

  complete(claimId: string, isDone: boolean): void {
    const job = this.#claimedBy(claimId);
    expect(isDone).toBe(job !== undefined);
    if (job !== undefined) this.#jobs.splice(this.#jobs.indexOf(job), 1);
  }

  renew(claimId: string, claimMs: number, isDone: boolean): void {
    const job = this.#claimedBy(claimId);
    expect(isDone).toBe(job !== undefined);
    if (job !== undefined) job.claim = { id: claimId, endsAt: this.now + claimMs };
  }

  requeue(
    { claimId, availableAt, attempts, slices }: Parameters<JobQueue["requeue"]>[0],
    isDone: boolean,
  ): void {
    const job = this.#claimedBy(claimId);
    expect(isDone).toBe(job !== undefined);
    if (job === undefined) return;
    const begun = slices > 0 ? job.begun : null;
    const place = this.#step();
    Object.assign(job, { availableAt, attempts, slices, begun, place, claim: null, lostClaims: 0 });
    job.queuedAt = this.now;
  }

  remove(runId: string, isDone: boolean): void {
    const job = this.#waiting().find((waiting) => waiting.job.runId === runId);
    expect(isDone).toBe(job !== undefined);
    if (job !== undefined) this.#jobs.splice(this.#jobs.indexOf(job), 1);
  }

  /** Whether a list holds each job that waits once, and in an order that is allowed. */
  list(listed: readonly QueuedJob[]): void {
    const byId = (left: { runId: string }, right: { runId: string }) => (left.runId < right.runId ? -1 : 1);
    expect([...listed].sort(byId)).toEqual(this.#waiting().map(toQueuedJob).sort(byId));
    const jobs = listed.map(({ runId }) => this.#jobs.find(({ job }) => job.runId === runId));
    const places = jobs.flatMap((job) => (job === undefined ? [] : [[this.#rank(job), job] as const]));
    expect(places.map(([of]) => of)).toEqual(places.map(([of]) => of).sort((left, right) => left - right));
    for (const [index, [of, job]] of places.entries()) {
      const behind = places.slice(index + 1).filter(([other]) => other === of);
      const ofCompany = behind.filter(([, other]) => other.job.companyId === job.job.companyId);
      expect(
        Math.min(Number.POSITIVE_INFINITY, ...ofCompany.map(([, other]) => other.place)),
      ).toBeGreaterThan(job.place);
    }
  }

  stats(claimed: number, waiting: Readonly<Record<JobPriority, number>>): void {
    expect(claimed).toBe(this.#jobs.length - this.#waiting().length);
    for (const priority of ranks) {
      expect(waiting[priority]).toBe(this.#waiting().filter((job) => job.priority === priority).length);
    }
  }

  get waitingIds(): readonly string[] {
    return this.#waiting().map(({ job }) => job.runId);
  }

  #step(): number {
    this.#steps += 1;
    return this.#steps;
  }

  #isClaimed({ claim }: NaiveJob): boolean {
    return claim !== null && claim.endsAt > this.now;
  }

  #claimedBy(claimId: string): NaiveJob | undefined {
    return this.#jobs.find((job) => job.claim?.id === claimId && this.#isClaimed(job));
  }

  #waiting(): NaiveJob[] {
    return this.#jobs.filter((job) => !this.#isClaimed(job));
  }

  #rank(job: NaiveJob): number {
    const waitedMs = this.now - Math.max(job.queuedAt, job.availableAt);
    let now = rank(job.priority);
    for (let gained = quarterHourMs; gained <= waitedMs && now > 0; gained += quarterHourMs) now -= 1;
    return now;
  }

  #claimable(): NaiveJob[] {
    return this.#waiting().filter((job) => {
      if (job.availableAt > this.now) return false;
      const others = this.#jobs.filter(
        (other) => other !== job && other.job.credentialId === job.job.credentialId,
      );
      if (others.some((other) => this.#isClaimed(other))) return false;
      return others.every((other) => {
        const holdsBack = other.begun !== null && other.begun > (job.begun ?? 0);
        if (!holdsBack) return true;
        const rests = other.availableAt > this.now;
        const isLast = others.every((third) => (third.begun ?? 0) <= (other.begun ?? 0));
        return !isLast || (rests && job.priority === "manual");
      });
    });
  }

  #companiesWaiting(of: number, except: string): Set<string> {
    const companies = this.#claimable()
      .filter((job) => this.#rank(job) === of)
      .map(({ job }) => job.companyId);
    return new Set(companies.filter((companyId) => companyId !== except));
  }
}

function rank(priority: JobPriority): number {
  return ranks.indexOf(priority);
}

function toQueuedJob({ job, priority, ...rest }: NaiveJob): QueuedJob {
  const { queuedAt, availableAt, attempts, slices, lostClaims } = rest;
  return { ...job, priority, queuedAt, availableAt, attempts, slices, lostClaims };
}

function requestText({ data, mode, fresh, rederive, replay, from, to, by, allowRemovals }: SyncJob): string {
  return [data, mode, fresh, rederive, replay, from, to, by, allowRemovals].join();
}
