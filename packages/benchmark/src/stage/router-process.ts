import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { SimulatedTenant } from "@titan-sync/simulator";

/** The one argument of the router's process. */
export interface RouterTask {
  readonly databaseUrl: string;
  /** Where its one credential is read from. */
  readonly apiUrl: string;
  readonly tenant: SimulatedTenant;
}

/** Its first message. */
export interface RouterReady {
  readonly url: string;
  readonly credentialId: string;
}

/** An Express app with the router, in its own process. */
export interface RouterProcess extends RouterReady {
  /** Its memory at the moment, in MB. */
  memoryMb(): Promise<number>;
}

const script = fileURLToPath(new URL("router-host.js", import.meta.url));

/** Serves the router while `work` uses it. */
export async function withRouter<Result>(
  task: RouterTask,
  work: (router: RouterProcess) => Promise<Result>,
): Promise<Result> {
  const child = fork(script, [JSON.stringify(task)], { execArgv: [] });
  const exited = once(child, "exit");
  const message = async (): Promise<unknown> => {
    const ended = exited.then(() => {
      throw new Error("The router's process has ended.");
    });
    const [told] = await Promise.race([once(child, "message"), ended]);
    return told;
  };
  try {
    const ready = (await message()) as RouterReady;
    return await work({
      ...ready,
      async memoryMb() {
        child.send("memory");
        return Number(await message());
      },
    });
  } finally {
    if (child.connected) child.disconnect();
    await exited;
  }
}
