import type { PruneStep } from "../ports/retention-store.js";

interface Accepted {
  readonly runId: string;
  readonly recordedAt: number;
}

/** Which run fulfills each accepted id under which none began. */
export class AcceptedRuns {
  readonly #accepted = new Map<string, Accepted>();

  /** Does nothing for an id that would lead to itself. */
  record(acceptedId: string, runId: string, now: number): void {
    const leadsBack = runId === acceptedId || this.#stepsFrom(runId).includes(acceptedId);
    if (!leadsBack) this.#accepted.set(acceptedId, { runId, recordedAt: now });
  }

  /** The last step from an accepted id. */
  find(acceptedId: string): string | null {
    return this.#stepsFrom(acceptedId).at(-1) ?? null;
  }

  prune({ before, limit }: PruneStep): number {
    const old = [...this.#accepted]
      .filter(([, { recordedAt }]) => recordedAt < before)
      .sort(([, left], [, right]) => left.recordedAt - right.recordedAt)
      .slice(0, limit);
    for (const [id] of old) this.#accepted.delete(id);
    return old.length;
  }

  /** Deletes what leads to a run that is deleted. */
  forget(runId: string): void {
    for (const [id, accepted] of this.#accepted) {
      if (accepted.runId !== runId) continue;
      this.#accepted.delete(id);
      this.forget(id);
    }
  }

  #stepsFrom(id: string): readonly string[] {
    const next = this.#accepted.get(id)?.runId;
    return next === undefined ? [] : [next, ...this.#stepsFrom(next)];
  }
}
