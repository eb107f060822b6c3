import { randomUUID } from "node:crypto";
import { type Dispatched, type DispatchedSync, type RunDispatcher, TitanSyncError } from "@titan-sync/core";
import type { Dice } from "./campaign.js";

export interface TriggeredCompany {
  readonly companyId: string;
  readonly credentialId: string;
}

/** Somebody who triggers syncs, and repeats their requests under the same ids: what a key of a request becomes. */
export interface RepeatedTriggers {
  /** A sync of a random company. */
  trigger(): Promise<void>;
  /** Each sync that nobody has confirmed, and some that were accepted long ago. */
  repeat(): Promise<void>;
  /** A sync of this company that reads the most recent changes too. */
  triggerFresh(company: TriggeredCompany): Promise<void>;
  /** Of each sync that was accepted, the ids of the runs that were answered. */
  readonly answers: ReadonlyMap<string, ReadonlySet<string>>;
  readonly repeats: number;
  /** How many were not confirmed yet. */
  readonly open: number;
}

export function createTriggers(options: {
  readonly dispatcher: Pick<RunDispatcher, "dispatch">;
  readonly companies: readonly [TriggeredCompany, ...TriggeredCompany[]];
  readonly dice: Dice;
}): RepeatedTriggers {
  const { dispatcher, companies, dice } = options;
  const open = new Map<string, DispatchedSync>();
  const accepted = new Map<string, DispatchedSync>();
  const answers = new Map<string, Set<string>>();
  let repeats = 0;

  async function dispatch(sync: DispatchedSync): Promise<void> {
    let answer: Dispatched;
    try {
      answer = await dispatcher.dispatch(sync);
    } catch (error) {
      if (!TitanSyncError.is(error) || error.code !== "STORAGE") throw error;
      // Nobody knows whether it was accepted.
      return;
    }
    open.delete(sync.runId);
    accepted.set(sync.runId, sync);
    answers.set(sync.runId, (answers.get(sync.runId) ?? new Set()).add(answer.runId));
  }

  async function begin(
    { companyId, credentialId }: TriggeredCompany,
    request: Partial<DispatchedSync>,
  ): Promise<void> {
    const sync: DispatchedSync = {
      runId: randomUUID(),
      companyId,
      credentialId,
      type: "manual",
      data: "both",
      mode: "incremental",
      fresh: false,
      rederive: false,
      replay: false,
      from: null,
      to: null,
      by: null,
      allowRemovals: false,
      actor: "campaign",
      ...request,
    };
    open.set(sync.runId, sync);
    await dispatch(sync);
  }

  return {
    trigger: () =>
      begin(
        dice.pick(companies),
        dice.pick<Partial<DispatchedSync>>([
          {},
          {},
          { data: "customers" },
          { data: "invoices" },
          { fresh: true },
          { mode: "full" },
        ]),
      ),
    async repeat() {
      const known = [...accepted.values()];
      const some = Array.from(
        { length: Math.min(3, known.length) },
        () => known[dice.integer(0, known.length - 1)],
      );
      for (const sync of [...open.values(), ...some]) {
        if (sync === undefined) continue;
        repeats += 1;
        await dispatch(sync);
      }
    },
    triggerFresh: (company) => begin(company, { fresh: true }),
    answers,
    get repeats() {
      return repeats;
    },
    get open() {
      return open.size;
    },
  };
}
