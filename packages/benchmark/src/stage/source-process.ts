import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Counters, SimulatedTenant, SimulatorOptions } from "@titan-sync/simulator";

/** What a source's process is asked, and what it answers. */
export type Question = { readonly ask: "change"; readonly count: number } | { readonly ask: "counters" };
export type Answer =
  | {
      readonly tell: "ready";
      readonly url: string;
      readonly tenant: SimulatedTenant;
      readonly tenants: readonly SimulatedTenant[];
    }
  | { readonly tell: "changed" }
  | { readonly tell: "counters"; readonly counters: Counters };

/** An API to read from, in its own process. */
export interface Source {
  readonly url: string;
  /** The first one. */
  readonly tenant: SimulatedTenant;
  readonly tenants: readonly SimulatedTenant[];
  /** Changes so many entities. */
  change(count: number): Promise<void>;
  /** Since the last time that this was asked. */
  counters(): Promise<Counters>;
}

/** Runs a simulator while `work` uses it. */
export async function withSimulator<Result>(
  options: SimulatorOptions,
  work: (source: Source) => Promise<Result>,
): Promise<Result> {
  return await withHost("simulator-host.js", options, work);
}

/** Runs a host, which ends when this process lets go of it or ends. */
export async function withHost<Result>(
  script: "simulator-host.js" | "multiplied-host.js",
  options: object,
  work: (source: Source) => Promise<Result>,
): Promise<Result> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = fork(path, [JSON.stringify(options)], { execArgv: [] });
  const exited = once(child, "exit");
  const answer = async (): Promise<Answer> => {
    const [message] = (await Promise.race([
      once(child, "message"),
      exited.then(() => {
        throw new Error(`${script} has ended.`);
      }),
    ])) as [Answer];
    return message;
  };
  try {
    const ready = await answer();
    if (ready.tell !== "ready") throw new Error(`${script} is not ready.`);
    const ask = async (question: Question): Promise<Answer> => {
      child.send(question);
      return await answer();
    };
    return await work({
      url: ready.url,
      tenant: ready.tenant,
      tenants: ready.tenants,
      async change(count) {
        await ask({ ask: "change", count });
      },
      async counters() {
        const told = await ask({ ask: "counters" });
        if (told.tell !== "counters") throw new Error(`${script} did not count.`);
        return told.counters;
      },
    });
  } finally {
    if (child.connected) child.disconnect();
    await exited;
  }
}
