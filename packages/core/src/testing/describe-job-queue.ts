import { afterEach, describe, expect, it } from "vitest";
import type { JobPriority } from "../ports/job-queue.js";
import { playQueue } from "./job-queue/play-queue.js";
import {
  type CredentialUnderTest,
  claimMs,
  jobOf,
  minuteMs,
  type QueueFixture,
  useQueue,
} from "./job-queue/queue-fixture.js";
import { queueSteps } from "./job-queue/queue-steps.js";
import type { JobQueueUnderTest } from "./job-queue/queue-under-test.js";

export interface DescribeJobQueueOptions {
  /** The suite's title. @defaultValue "job queue" */
  readonly name?: string | undefined;
  /** Called for each test. */
  readonly setup: () => JobQueueUnderTest | Promise<JobQueueUnderTest>;
  /** Whether {@link JobQueueUnderTest.transaction} is given. @defaultValue true */
  readonly hasTransactions?: boolean | undefined;
  /** How many random histories are compared with a naive reading of the port. @defaultValue 100 */
  readonly histories?: number | undefined;
  /** Of one history, at most. @defaultValue 60 */
  readonly steps?: number | undefined;
  /** Repeats the histories of an earlier test. @defaultValue a random one, which a failure prints */
  readonly seed?: number | undefined;
}

/**
 * Registers the tests that every job queue must pass. Needs the package `fast-check`. Call it at the top level of a test
 * file.
 *
 * @example
 * describeJobQueue({
 *   name: "my queue",
 *   setup: () => {
 *     const clock = manualClock();
 *     const storage = myStorage({ clock });
 *     const queues = [myQueue({ storage }), myQueue({ storage })] as const;
 *     return { storage, queues, now: clock.now, passTime: clock.advance };
 *   },
 *   hasTransactions: false,
 * });
 */
export function describeJobQueue({
  name = "job queue",
  setup,
  hasTransactions = true,
  histories = 100,
  steps = 60,
  seed,
}: DescribeJobQueueOptions): void {
  describe(name, () => {
    const open: QueueFixture[] = [];
    async function begin(): Promise<QueueFixture> {
      const fixture = useQueue(await setup());
      open.push(fixture);
      return fixture;
    }
    afterEach(async () => {
      for (const fixture of open.splice(0)) await fixture.close();
    });

    /** Queues a job, and returns its run id. */
    async function put(
      { queue }: QueueFixture,
      credential: CredentialUnderTest,
      given: Parameters<typeof jobOf>[1] = {},
    ): Promise<string> {
      const { runId } = jobOf(credential, given);
      await queue.enqueue(jobOf(credential, { runId, ...given }));
      return given.runId ?? runId;
    }

    async function listIds({ queue }: QueueFixture): Promise<readonly string[]> {
      return (await queue.listWaiting({ limit: 1000 })).items.map(({ runId }) => runId);
    }

    it("hands out a job with everything that was requested, and nothing when none waits", async () => {
      const fixture = await begin();
      expect(await fixture.claim()).toBeNull();
      const job = jobOf(await fixture.newCredential(), {
        type: "manual",
        data: "invoices",
        mode: "full",
        fresh: true,
        rederive: true,
        replay: true,
        from: "2026-01-01",
        to: "2026-02-01T00:00:00Z",
        by: "invoiced",
        allowRemovals: true,
        actor: "anna",
        priority: "manual",
      });
      expect(await fixture.queue.enqueue(job)).toEqual({ runId: job.runId, outcome: "queued" });
      const now = await fixture.under.now();
      const waiting = { queuedAt: now, availableAt: now, attempts: 0, slices: 0, lostClaims: 0 };
      expect((await fixture.claimOne()).job).toEqual({ ...job, ...waiting });
      expect(await fixture.claim()).toBeNull();
    });

    it("hands out manual jobs before scheduled ones, and first loads and full passes last", async () => {
      const fixture = await begin();
      const ids: Partial<Record<JobPriority, string>> = {};
      for (const priority of ["bulk", "scheduled", "manual"] as const) {
        ids[priority] = await put(fixture, await fixture.newCredential(), { priority });
      }
      expect(await fixture.drain()).toEqual([ids.manual, ids.scheduled, ids.bulk]);
    });

    it("hands out a job as one of the next priority after 15 minutes, its rest not counted", async () => {
      const fixture = await begin();
      const rested = await put(fixture, await fixture.newCredential(), { priority: "scheduled" });
      const { claimId } = await fixture.claimOne();
      const bulk = await put(fixture, await fixture.newCredential(), { priority: "bulk" });
      const availableAt = (await fixture.under.now()) + 5 * minuteMs;
      await fixture.queue.requeue({ claimId, availableAt, attempts: 1, slices: 0 });

      await fixture.under.passTime(15 * minuteMs - 1);
      expect(await listIds(fixture)).toEqual([rested, bulk]);
      await fixture.under.passTime(1);
      // Its company had no turn of this priority yet.
      expect(await listIds(fixture)).toEqual([bulk, rested]);
      expect(await fixture.claim("manual")).toBeNull();
      await fixture.under.passTime(5 * minuteMs);
      expect(await fixture.claim("manual")).toMatchObject({ job: { runId: rested } });
      expect(await fixture.claim("manual")).toBeNull();
      await fixture.under.passTime(10 * minuteMs);
      expect(await fixture.claim("manual")).toMatchObject({ job: { runId: bulk } });
    });

    it("gives a job that was put back no credit for the time before", async () => {
      const fixture = await begin();
      await put(fixture, await fixture.newCredential(), { priority: "bulk" });
      await fixture.under.passTime(20 * minuteMs);
      const { claimId } = await fixture.claimOne("scheduled");
      await fixture.queue.requeue({
        claimId,
        availableAt: await fixture.under.now(),
        attempts: 0,
        slices: 1,
      });
      expect(await fixture.claim("scheduled")).toBeNull();
      expect(await fixture.claim()).not.toBeNull();
    });

    it("takes turns between companies, however many jobs one has", async () => {
      const fixture = await begin();
      const busy = await fixture.newCredential();
      const many: string[] = [];
      for (let day = 1; day <= 5; day += 1) many.push(await put(fixture, busy, { from: `2026-01-0${day}` }));
      const second = await put(fixture, await fixture.newCredential());
      const third = await put(fixture, await fixture.newCredential());
      const expected = [many[0], second, third, ...many.slice(1)];
      expect(await listIds(fixture)).toEqual(expected);
      expect(await fixture.drain()).toEqual(expected);
    });

    it("lets a company that comes later wait one turn only, and never two", async () => {
      const fixture = await begin();
      const early = await fixture.newCredential();
      for (let day = 1; day <= 4; day += 1) await put(fixture, early, { from: `2026-01-0${day}` });
      for (const _turn of [1, 2]) await fixture.queue.complete((await fixture.claimOne()).claimId);
      const late = await fixture.newCredential();
      for (let day = 1; day <= 3; day += 1) await put(fixture, late, { from: `2026-01-0${day}` });
      const companies: string[] = [];
      for (let claim = 0; claim < 4; claim += 1) {
        const { job, claimId } = await fixture.claimOne();
        companies.push(job.companyId);
        await fixture.queue.complete(claimId);
      }
      const [first, second] = companies;
      expect([first, second].sort()).toEqual([early.companyId, late.companyId].sort());
      expect(companies).toEqual([first, second, first, second]);
    });

    it("does not hand out two jobs of a credential at once, but of two credentials of a company", async () => {
      const fixture = await begin();
      const { companyId } = await fixture.newCredential();
      const credential = await fixture.newCredential({ companyId: `${companyId} other` });
      await put(fixture, credential, { from: "2026-01-01" });
      const other = await fixture.newCredential({
        companyId: credential.companyId,
        environment: "integration",
      });
      const second = await put(fixture, credential, { from: "2026-01-02", priority: "manual" });
      await put(fixture, other);
      const { job, claimId } = await fixture.claimOne();
      expect(job.runId).toBe(second);
      expect((await fixture.claimOne()).job.credentialId).toBe(other.credentialId);
      expect(await fixture.claim()).toBeNull();
      await fixture.queue.complete(claimId);
      expect((await fixture.claimOne()).job.credentialId).toBe(credential.credentialId);
    });

    it("hands out each job once to workers that claim at the same moment", async () => {
      const fixture = await begin();
      for (let company = 0; company < 8; company += 1) await put(fixture, await fixture.newCredential());
      const claims = await Promise.all(Array.from({ length: 12 }, () => fixture.claim()));
      const claimed = claims.filter((claim) => claim !== null);
      expect(new Set(claimed.map(({ job }) => job.runId)).size).toBe(8);
      expect(new Set(claimed.map(({ claimId }) => claimId)).size).toBe(8);
      expect(claimed).toHaveLength(8);
    });

    it("begins nothing else of a credential while a run of it is unfinished", async () => {
      const fixture = await begin();
      const credential = await fixture.newCredential();
      const sliced = await put(fixture, credential, { priority: "bulk", mode: "full" });
      const { claimId } = await fixture.claimOne();
      await put(fixture, credential, { priority: "manual" });
      const now = await fixture.under.now();
      await fixture.queue.requeue({ claimId, availableAt: now, attempts: 0, slices: 1 });

      expect(await fixture.claim("manual")).toBeNull();
      expect(await fixture.queue.findWaiting(credential)).toMatchObject({ runId: sliced, slices: 1 });
      expect((await fixture.claimOne()).job.runId).toBe(sliced);
    });

    it("lets only manual jobs go before an unfinished run that rests", async () => {
      const fixture = await begin();
      const credential = await fixture.newCredential();
      const sliced = await put(fixture, credential, { mode: "full" });
      const { claimId } = await fixture.claimOne();
      await put(fixture, credential);
      const availableAt = (await fixture.under.now()) + 45 * minuteMs;
      await fixture.queue.requeue({ claimId, availableAt, attempts: 1, slices: 1 });
      // The other one counts as manual by now, but is none.
      await fixture.under.passTime(40 * minuteMs);
      expect(await fixture.claim()).toBeNull();

      const manual = await put(fixture, credential, { priority: "manual", from: "2026-01-01" });
      expect(await fixture.queue.findWaiting(credential)).toMatchObject({ runId: manual });
      const claimed = await fixture.claimOne();
      expect(claimed.job.runId).toBe(manual);
      await fixture.queue.complete(claimed.claimId);
      await fixture.under.passTime(5 * minuteMs);
      expect((await fixture.claimOne()).job).toMatchObject({ runId: sliced, attempts: 1, slices: 1 });
    });

    it("begins nothing else of a credential before the job whose claim was lost", async () => {
      const fixture = await begin();
      const credential = await fixture.newCredential();
      const lost = await put(fixture, credential, { priority: "bulk", mode: "full" });
      await fixture.claimOne();
      await put(fixture, credential, { priority: "manual" });
      await fixture.under.passTime(claimMs);
      expect(await fixture.claim("manual")).toBeNull();
      expect((await fixture.claimOne()).job).toMatchObject({ runId: lost, lostClaims: 1 });
    });

    it("continues with the run that was begun last when two of a credential are unfinished", async () => {
      const fixture = await begin();
      const credential = await fixture.newCredential();
      await put(fixture, credential, { mode: "full" });
      const first = await fixture.claimOne();
      const now = await fixture.under.now();
      const availableAt = now + 5 * minuteMs;
      await fixture.queue.requeue({ claimId: first.claimId, availableAt, attempts: 1, slices: 1 });
      const manual = await put(fixture, credential, { priority: "manual" });
      const second = await fixture.claimOne();
      await fixture.queue.requeue({ claimId: second.claimId, availableAt: now, attempts: 0, slices: 1 });
      await fixture.under.passTime(10 * minuteMs);
      const third = await fixture.claimOne();
      expect(third.job.runId).toBe(manual);
      await fixture.queue.complete(third.claimId);
      expect((await fixture.claimOne()).job.runId).toBe(first.job.runId);
    });

    it("merges a job into an equal one that waits, with the higher priority of both", async () => {
      const fixture = await begin();
      const credential = await fixture.newCredential();
      const waiting = await put(fixture, credential, { priority: "bulk" });
      for (const priority of ["scheduled", "bulk"] as const) {
        const merged = await fixture.queue.enqueue(jobOf(credential, { priority, type: "manual" }));
        expect(merged).toEqual({ runId: waiting, outcome: "merged" });
      }
      expect(await fixture.claim("manual")).toBeNull();
      expect((await fixture.claimOne("scheduled")).job).toMatchObject({
        runId: waiting,
        priority: "scheduled",
        type: "scheduled",
      });
    });

    it("keeps an equal job apart from one that is being executed, and from those of others", async () => {
      const fixture = await begin();
      const credential = await fixture.newCredential();
      await put(fixture, credential);
      const { claimId } = await fixture.claimOne();
      const after = jobOf(credential);
      const ofAnother = jobOf(await fixture.newCredential());
      const fresh = jobOf(credential, { fresh: true });
      for (const job of [after, ofAnother, fresh]) {
        expect((await fixture.queue.enqueue(job)).outcome).toBe("queued");
      }
      await fixture.queue.complete(claimId);
      expect(await fixture.drain()).toEqual([ofAnother.runId, after.runId, fresh.runId]);
    });

    it("ends the rest of a job when an equal one is manual, and only then", async () => {
      const fixture = await begin();
      const credential = await fixture.newCredential();
      const resting = await put(fixture, credential);
      const { claimId } = await fixture.claimOne();
      const availableAt = (await fixture.under.now()) + 45 * minuteMs;
      await fixture.queue.requeue({ claimId, availableAt, attempts: 3, slices: 1 });
      await fixture.queue.enqueue(jobOf(credential));
      expect(await fixture.claim()).toBeNull();
      const merged = await fixture.queue.enqueue(jobOf(credential, { priority: "manual" }));
      expect(merged).toEqual({ runId: resting, outcome: "merged" });
      expect((await fixture.claimOne("manual")).job).toMatchObject({
        runId: resting,
        attempts: 3,
        slices: 1,
      });
    });

    it("queues nothing when asked not to while a job of the credential waits", async () => {
      const fixture = await begin();
      const credential = await fixture.newCredential();
      const options = { unlessWaiting: true } as const;
      const first = jobOf(credential, { mode: "full" });
      expect((await fixture.queue.enqueue(first, options)).outcome).toBe("queued");
      for (const mode of ["full", "incremental"] as const) {
        const job = jobOf(credential, { mode, priority: "manual" });
        expect(await fixture.queue.enqueue(job, options)).toEqual({ runId: first.runId, outcome: "waiting" });
      }
      expect((await fixture.claimOne()).job.priority).toBe("scheduled");
      // One that is executed does not wait.
      expect((await fixture.queue.enqueue(jobOf(credential), options)).outcome).toBe("queued");
    });

    it("queues a job once, however often its enqueueing is repeated", async () => {
      const fixture = await begin();
      const credential = await fixture.newCredential();
      const job = jobOf(credential);
      await fixture.queue.enqueue(job);
      const again = { runId: job.runId, outcome: "merged" };
      expect(await fixture.queue.enqueue(job)).toEqual(again);
      const { claimId } = await fixture.claimOne();
      expect(await fixture.queue.enqueue(job)).toEqual(again);
      await fixture.queue.complete(claimId);
      expect(await fixture.claim()).toBeNull();
    });

    it("refuses a job with the run id of another, and one of an unknown credential", async () => {
      const fixture = await begin();
      const credential = await fixture.newCredential();
      const job = jobOf(credential);
      await fixture.queue.enqueue(job);
      await expect(fixture.queue.enqueue({ ...job, mode: "full" })).rejects.toMatchObject({
        code: "CONFLICT",
        runId: job.runId,
      });
      const unknown = jobOf({ ...credential, credentialId: "unknown" });
      await expect(fixture.queue.enqueue(unknown)).rejects.toMatchObject({ code: "CONFLICT" });
      expect(await fixture.drain()).toEqual([job.runId]);
    });

    it("makes a job available again when its claim is not renewed in time", async () => {
      const fixture = await begin();
      const runId = await put(fixture, await fixture.newCredential());
      const first = await fixture.claimOne();
      await fixture.under.passTime(claimMs - 1);
      expect(await fixture.queue.renewClaim({ claimId: first.claimId, claimMs })).toBe(true);
      await fixture.under.passTime(claimMs - 1);
      expect(await fixture.claim()).toBeNull();
      await fixture.under.passTime(1);
      const second = await fixture.claimOne();
      expect(second.job).toMatchObject({ runId, lostClaims: 1 });
      expect(second.claimId).not.toBe(first.claimId);
      await fixture.under.passTime(claimMs);
      expect((await fixture.claimOne()).job.lostClaims).toBe(2);
    });

    it.each(["has ended", "was replaced by another"])(
      "changes nothing under a claim that %s",
      async (how) => {
        const fixture = await begin();
        const runId = await put(fixture, await fixture.newCredential());
        const { claimId } = await fixture.claimOne();
        await fixture.under.passTime(claimMs);
        const next = how === "has ended" ? null : await fixture.claimOne();
        const availableAt = (await fixture.under.now()) + minuteMs;
        expect(await fixture.queue.renewClaim({ claimId, claimMs })).toBe(false);
        expect(await fixture.queue.requeue({ claimId, availableAt, attempts: 1, slices: 1 })).toBe(false);
        expect(await fixture.queue.complete(claimId)).toBe(false);
        const { claimId: live, job } = next ?? (await fixture.claimOne());
        expect(job).toMatchObject({ runId, attempts: 0, slices: 0 });
        expect(await fixture.queue.complete(live)).toBe(true);
        expect(await fixture.queue.complete(live)).toBe(false);
        expect(await fixture.queue.renewClaim({ claimId: live, claimMs })).toBe(false);
      },
    );

    it("puts a job back behind the others of its company, with the figures of its worker", async () => {
      const fixture = await begin();
      const credential = await fixture.newCredential();
      const first = await put(fixture, credential);
      const claimed = await fixture.claimOne();
      const second = await put(fixture, credential, { mode: "full" });
      await fixture.under.passTime(1000);
      const now = await fixture.under.now();
      const back = { availableAt: now, attempts: 2, slices: 0 };
      expect(await fixture.queue.requeue({ claimId: claimed.claimId, ...back })).toBe(true);
      expect(await fixture.queue.findWaiting({ runId: first })).toEqual({
        ...claimed.job,
        ...back,
        queuedAt: now,
      });
      expect(await fixture.drain()).toEqual([second, first]);
    });

    it("does not hand out a job before its rest is over", async () => {
      const fixture = await begin();
      const runId = await put(fixture, await fixture.newCredential());
      const { claimId } = await fixture.claimOne();
      const availableAt = (await fixture.under.now()) + 5 * minuteMs;
      await fixture.queue.requeue({ claimId, availableAt, attempts: 1, slices: 0 });
      await fixture.under.passTime(5 * minuteMs - 1);
      expect(await fixture.claim()).toBeNull();
      expect(await listIds(fixture)).toEqual([runId]);
      await fixture.under.passTime(1);
      expect((await fixture.claimOne()).job.runId).toBe(runId);
    });

    it("removes a job that waits, and none that is executed", async () => {
      const fixture = await begin();
      const credential = await fixture.newCredential();
      const runId = await put(fixture, credential);
      expect(await fixture.queue.remove("unknown")).toBe(false);
      const { claimId } = await fixture.claimOne();
      expect(await fixture.queue.remove(runId)).toBe(false);
      expect(await fixture.queue.findWaiting({ runId })).toBeNull();
      expect(await fixture.queue.findWaiting(credential)).toBeNull();
      const availableAt = (await fixture.under.now()) + minuteMs;
      await fixture.queue.requeue({ claimId, availableAt, attempts: 1, slices: 1 });
      expect(await fixture.queue.findWaiting({ runId })).toMatchObject({ runId });
      expect(await fixture.queue.remove(runId)).toBe(true);
      expect(await fixture.queue.findWaiting({ runId })).toBeNull();
      expect(await fixture.queue.remove(runId)).toBe(false);
    });

    it("finds a job by its run id as long as it is in the queue: it waits, a worker has it in hand, its claim was lost", async () => {
      const fixture = await begin();
      const { queue } = fixture;
      const runId = await put(fixture, await fixture.newCredential());
      await put(fixture, await fixture.newCredential());
      const find = async () => (await queue.find({ runId }))?.lostClaims;
      expect(await queue.find({ runId })).toEqual(await queue.findWaiting({ runId }));
      const { claimId, job } = await fixture.claimOne();
      expect(await queue.findWaiting({ runId })).toBeNull();
      expect(await queue.find({ runId })).toEqual(job);
      await fixture.under.passTime(claimMs);
      expect(await queue.complete(claimId)).toBe(false);
      expect(await find()).toBe(0);
      for (const { job: next, claimId: nextId } of [await fixture.claimOne(), await fixture.claimOne()]) {
        if (next.runId !== runId) continue;
        expect(await find()).toBe(1);
        await queue.complete(nextId);
      }
      expect(await queue.find({ runId })).toBeNull();
      expect(await queue.find({ runId: "unknown" })).toBeNull();
    });

    it("finds a credential's job that a worker has in hand before those that wait", async () => {
      const fixture = await begin();
      const { queue } = fixture;
      const credential = await fixture.newCredential();
      await put(fixture, await fixture.newCredential());
      expect(await queue.find(credential)).toBeNull();
      const first = await put(fixture, credential);
      const second = await put(fixture, credential, { mode: "full", priority: "manual" });
      expect(await queue.find(credential)).toMatchObject({ runId: second });
      const { claimId } = await fixture.claimOne();
      await put(fixture, credential, { fresh: true, priority: "manual" });
      expect(await queue.find(credential)).toMatchObject({ runId: second });
      await queue.remove((await queue.findWaiting(credential))?.runId ?? "none");
      await queue.complete(claimId);
      expect(await queue.find(credential)).toMatchObject({ runId: first });
    });

    it("lists jobs that wait page by page, and refuses a cursor of another list", async () => {
      const fixture = await begin();
      for (let company = 0; company < 5; company += 1) await put(fixture, await fixture.newCredential());
      const { queue } = fixture;
      const first = await queue.listWaiting({ limit: 3 });
      const second = await queue.listWaiting({ limit: 3, cursor: first.next });
      expect([...first.items, ...second.items].map(({ runId }) => runId)).toEqual(await listIds(fixture));
      expect([first.items.length, second.items.length, second.next]).toEqual([3, 2, null]);
      const invalid = { code: "DATA_VALIDATION" };
      await expect(queue.listWaiting({ limit: 3, cursor: "b3RoZXI" })).rejects.toMatchObject(invalid);
      await expect(queue.listWaiting({ limit: 0 })).rejects.toMatchObject(invalid);
    });

    it("tells how many jobs wait, since when the longest could have been claimed, and how many are claimed", async () => {
      const fixture = await begin();
      const { queue, under } = fixture;
      const none = { manual: null, scheduled: null, bulk: null };
      expect(await queue.stats()).toEqual({
        waiting: { manual: 0, scheduled: 0, bulk: 0 },
        oldestWaitingSince: none,
        claimed: 0,
      });
      const credential = await fixture.newCredential();
      await put(fixture, credential, { priority: "manual" });
      const { claimId } = await fixture.claimOne();
      const since = await under.now();
      await put(fixture, await fixture.newCredential());
      // It waits for the one that is executed, not for a worker.
      await put(fixture, credential, { priority: "bulk", mode: "full" });
      await under.passTime(1000);
      await put(fixture, await fixture.newCredential());
      expect(await queue.stats()).toEqual({
        waiting: { manual: 0, scheduled: 2, bulk: 1 },
        oldestWaitingSince: { ...none, scheduled: since },
        claimed: 1,
      });
      const availableAt = (await under.now()) + minuteMs;
      await queue.requeue({ claimId, availableAt, attempts: 1, slices: 0 });
      const { waiting, oldestWaitingSince, claimed } = await queue.stats();
      expect(waiting).toEqual({ manual: 1, scheduled: 2, bulk: 1 });
      expect(oldestWaitingSince).toEqual({ ...none, scheduled: since, bulk: since });
      expect(claimed).toBe(0);
    });

    it("tells listeners of jobs that become available, until they end that", async () => {
      const fixture = await begin();
      const [queue] = fixture.under.queues;
      let calls = 0;
      const end = queue.subscribe(() => {
        calls += 1;
      });
      queue.subscribe(() => {
        throw new Error("A listener that fails disturbs nobody.");
      });
      const credential = await fixture.newCredential();
      await queue.enqueue(jobOf(credential));
      expect(calls).toBe(1);
      await queue.enqueue(jobOf(credential, { mode: "full" }));
      const claimed = await queue.claim({ worker: "worker 1", claimMs });
      const before = calls;
      // The other one of the credential is available now.
      await queue.complete(claimed?.claimId ?? "none");
      expect(calls).toBe(before + 1);
      end();
      end();
      await queue.enqueue(jobOf(await fixture.newCredential()));
      expect(calls).toBe(before + 1);
    });

    it("removes the jobs of a credential that is removed", async () => {
      const fixture = await begin();
      const [removed, kept] = [await fixture.newCredential(), await fixture.newCredential()];
      await put(fixture, removed);
      await put(fixture, removed, { mode: "full" });
      const runId = await put(fixture, kept);
      const { claimId, job } = await fixture.claimOne();
      expect(job.credentialId).toBe(removed.credentialId);
      await fixture.under.storage.removeCredential({ id: removed.credentialId, withData: false });
      expect(await fixture.queue.complete(claimId)).toBe(false);
      expect(await listIds(fixture)).toEqual([runId]);
    });

    it("may be closed twice", async () => {
      const fixture = await begin();
      for (const queue of [...fixture.under.queues, ...fixture.under.queues]) await queue.close();
    });

    it.runIf(hasTransactions)("queues a job exactly if the transaction commits", async () => {
      const fixture = await begin();
      const { queues, transaction } = fixture.under;
      const [queue] = queues;
      if (transaction === undefined) throw new Error("The transactions of the storage are missing.");
      const credential = await fixture.newCredential();
      let calls = 0;
      queue.subscribe(() => {
        calls += 1;
      });
      const undone = transaction(async (open) => {
        const job = jobOf(credential);
        const enqueued = await queue.enqueue(job, { transaction: open });
        expect(enqueued).toEqual({ runId: job.runId, outcome: "queued" });
        throw new Error("The work failed.");
      });
      await expect(undone).rejects.toThrow("The work failed.");
      expect(calls).toBe(0);
      expect(await fixture.claim()).toBeNull();

      const job = jobOf(credential);
      await transaction(async (open) => {
        await queue.enqueue(job, { transaction: open });
        expect(calls).toBe(0);
      });
      expect(calls).toBe(1);
      const merged = { runId: job.runId, outcome: "merged" };
      await transaction(async (open) => {
        const raised = jobOf(credential, { priority: "manual" });
        expect(await queue.enqueue(raised, { transaction: open })).toEqual(merged);
      });
      expect((await fixture.claimOne("manual")).job.runId).toBe(job.runId);
    });

    it("refuses a transaction of another database", async () => {
      const fixture = await begin();
      const job = jobOf(await fixture.newCredential());
      await expect(fixture.queue.enqueue(job, { transaction: {} })).rejects.toMatchObject({
        code: "CONFIG_INVALID",
      });
      expect(await fixture.claim()).toBeNull();
    });

    it(`does what a naive reading of its promises allows, in ${histories} random histories`, async () => {
      const { default: fc } = await import("fast-check");
      const fixture = await begin();
      const credentials: CredentialUnderTest[] = [];
      for (let company = 0; company < 4; company += 1) {
        const production = await fixture.newCredential();
        const { companyId } = production;
        credentials.push(production, await fixture.newCredential({ companyId, environment: "integration" }));
      }
      const history = queueSteps(fc, { credentials: credentials.length, most: steps });
      await fc.assert(
        fc.asyncProperty(history, (taken) => playQueue(fixture, credentials, taken)),
        { numRuns: histories, ...(seed === undefined ? {} : { seed }) },
      );
    });
  });
}
