import { AsyncLocalStorage } from "node:async_hooks";
import type { Storage } from "@titan-sync/core";
import type { PgClientLike, PgPoolLike } from "@titan-sync/postgres";

/** The verbs of a storage that are one transaction each. */
export const verbs = [
  "beginRun",
  "landRows",
  "sweepFeed",
  "enqueueKeys",
  "expandKeys",
  "claimKeys",
  "stageBatch",
  "settleKeys",
  "endRun",
] as const;
export type Verb = (typeof verbs)[number];

/** Before COMMIT is sent; after that, without waiting for the answer; after the answer, before the verb returns. */
export const moments = ["before", "between", "after"] as const;
export type Moment = (typeof moments)[number];

/** Where a process kills itself. */
export interface KillPoint {
  readonly verb: Verb;
  readonly moment: Moment;
  /** At the n-th commit of this verb, from 1. */
  readonly nth: number;
  /** How many turns a commit that was sent is given before the end: an embedded database works in this process. */
  readonly turns: number;
}

const verbInHand = new AsyncLocalStorage<Verb>();

/** A storage whose statements know which verb they belong to. */
export function nameVerbs(storage: Storage): Storage {
  return new Proxy(storage, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      const verb = verbs.find((candidate) => candidate === name);
      if (verb === undefined || typeof member !== "function") return member;
      return (...parameters: unknown[]) =>
        verbInHand.run(verb, () => Reflect.apply(member, target, parameters));
    },
  });
}

/**
 * A pool that tells of each commit, and ends this process at the given one.
 * @param notify - called synchronously, and must have told before it returns.
 */
export function watchCommits(
  pool: PgPoolLike,
  killPoint: KillPoint | null,
  notify: (where: string) => void,
): PgPoolLike {
  let seen = 0;

  function isDue(verb: Verb | undefined): boolean {
    if (killPoint === null || verb !== killPoint.verb) return false;
    seen += 1;
    return seen === killPoint.nth;
  }

  async function commit(client: PgClientLike) {
    const verb = verbInHand.getStore();
    const moment = isDue(verb) ? killPoint?.moment : undefined;
    notify(`${verb ?? "other"} before`);
    if (moment === "before") die();
    const answer = client.query("COMMIT");
    notify(`${verb ?? "other"} between`);
    if (moment === "between") {
      for (let turn = 0; turn < (killPoint?.turns ?? 0); turn += 1) await Promise.resolve();
      die();
    }
    const result = await answer;
    notify(`${verb ?? "other"} after`);
    if (moment === "after") die();
    return result;
  }

  return {
    async connect() {
      const client = await pool.connect();
      return {
        query: (text, values) => (text === "COMMIT" ? commit(client) : client.query(text, values)),
        release: (error) => client.release(error),
        on: (event, listener) => client.on?.(event, listener),
        removeListener: (event, listener) => client.removeListener?.(event, listener),
      };
    },
    on: (event, listener) => pool.on?.(event, listener),
    removeListener: (event, listener) => pool.removeListener?.(event, listener),
  };
}

/** No handler runs, nothing is flushed. */
function die(): void {
  process.kill(process.pid, "SIGKILL");
}
