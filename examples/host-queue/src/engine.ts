/** What this example needs of a queue engine. BullMQ, a cloud queue or Temporal have the same under other names. */
export interface JobEngine<Data> {
  /** Does nothing if a job with this id waits or is active. */
  add(job: { readonly id: string; readonly data: Data }): Promise<void>;
  find(id: string): Promise<EngineJob<Data> | null>;
  /** Removes a job that waits. @returns `false` if it is active or unknown. */
  remove(id: string): Promise<boolean>;
  /**
   * Calls `work` for each job, at least once, several jobs at a time. A job whose worker dies is delivered again. With
   * `{ againMs }` it waits that long and is delivered again; an error counts as a delay of a minute.
   */
  process(work: (job: EngineJob<Data>) => Promise<Verdict>): { close(): Promise<void> };
}

export interface EngineJob<Data> {
  readonly id: string;
  readonly data: Data;
  /** How many deliveries failed. */
  readonly attempts: number;
  readonly queuedAt: number;
}

export type Verdict = "done" | { readonly againMs: number; readonly failed: boolean };

interface Entry<Data> extends EngineJob<Data> {
  readonly availableAt: number;
}

/** Stands in for an engine: in memory, so that the example runs by itself. */
export function createStandIn<Data>(): JobEngine<Data> {
  const waiting = new Map<string, Entry<Data>>();
  const active = new Map<string, Entry<Data>>();

  async function deliver(job: Entry<Data>, work: (job: EngineJob<Data>) => Promise<Verdict>): Promise<void> {
    const verdict = await work(job).catch((): Verdict => ({ againMs: 60_000, failed: true }));
    active.delete(job.id);
    if (verdict === "done") return;
    const attempts = verdict.failed ? job.attempts + 1 : 0;
    waiting.set(job.id, { ...job, attempts, availableAt: Date.now() + verdict.againMs });
  }

  return {
    async add({ id, data }) {
      if (waiting.has(id) || active.has(id)) return;
      const now = Date.now();
      waiting.set(id, { id, data, attempts: 0, queuedAt: now, availableAt: now });
    },
    find: async (id) => waiting.get(id) ?? active.get(id) ?? null,
    remove: async (id) => waiting.delete(id),
    process(work) {
      const deliveries = new Set<Promise<void>>();
      const timer = setInterval(() => {
        for (const job of waiting.values()) {
          if (job.availableAt > Date.now()) continue;
          waiting.delete(job.id);
          active.set(job.id, job);
          const delivery = deliver(job, work).finally(() => deliveries.delete(delivery));
          deliveries.add(delivery);
        }
      }, 10);
      return {
        async close() {
          clearInterval(timer);
          await Promise.all(deliveries);
        },
      };
    },
  };
}
