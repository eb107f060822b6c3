import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
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
  /** How long a commit that was sent is given before the end: turns of the event loop, or 20 microseconds each. */
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

/** Reports each commit, and ends this process at the given one. */
export interface CommitWatch {
  readonly killPoint: KillPoint | null;
  /** @returns where this commit is to end the process. */
  before(): Moment | null;
  between(): void;
  after(moment: Moment | null): void;
}

/** @param notify - called synchronously, and must have reported before it returns. */
export function createCommitWatch(killPoint: KillPoint | null, notify: (where: string) => void): CommitWatch {
  let seen = 0;
  const name = (): string => verbInHand.getStore() ?? "other";

  function isDue(): boolean {
    if (killPoint === null || verbInHand.getStore() !== killPoint.verb) return false;
    seen += 1;
    return seen === killPoint.nth;
  }

  return {
    killPoint,
    before() {
      const moment = isDue() ? (killPoint?.moment ?? null) : null;
      notify(`${name()} before`);
      if (moment === "before") die();
      return moment;
    },
    between: () => notify(`${name()} between`),
    after(moment) {
      notify(`${name()} after`);
      if (moment === "after") die();
    },
  };
}

/** A pool whose commits are watched. */
export function watchPool(pool: PgPoolLike, watch: CommitWatch): PgPoolLike {
  async function commit(client: PgClientLike) {
    const moment = watch.before();
    const answer = client.query("COMMIT");
    watch.between();
    if (moment === "between") {
      for (let turn = 0; turn < (watch.killPoint?.turns ?? 0); turn += 1) await Promise.resolve();
      die();
    }
    const result = await answer;
    watch.after(moment);
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

/** The code of a thread that ends the process while another one is inside a commit. */
const killer = `
  const { workerData, parentPort } = require("node:worker_threads");
  const signal = new Int32Array(workerData.shared);
  parentPort.postMessage("ready");
  Atomics.wait(signal, 0, 0);
  const end = performance.now() + workerData.waitMs;
  while (performance.now() < end);
  process.kill(process.pid, "SIGKILL");
`;

/** Watches the commits of every SQLite connection of this process. They hold the thread: another one ends the process. */
export async function watchSqlite(watch: CommitWatch): Promise<void> {
  const { DatabaseSync } = await import("node:sqlite");
  const execute = DatabaseSync.prototype.exec;
  const signal = new Int32Array(new SharedArrayBuffer(4));
  if (watch.killPoint?.moment === "between") {
    const workerData = { shared: signal.buffer, waitMs: watch.killPoint.turns * 0.02 };
    const thread = new Worker(killer, { eval: true, workerData });
    await once(thread, "message");
    thread.unref();
  }
  DatabaseSync.prototype.exec = function (text: string): void {
    if (text !== "COMMIT") {
      execute.call(this, text);
      return;
    }
    const moment = watch.before();
    watch.between();
    if (moment === "between") {
      Atomics.store(signal, 0, 1);
      Atomics.notify(signal, 0);
    }
    execute.call(this, text);
    // The commit has already finished, but must not be acknowledged.
    if (moment === "between") Atomics.wait(signal, 0, 1);
    watch.after(moment);
  };
}

/** No handler runs, nothing is flushed. */
function die(): void {
  process.kill(process.pid, "SIGKILL");
}
