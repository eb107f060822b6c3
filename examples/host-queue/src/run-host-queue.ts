import {
  createTitanSync,
  type DispatchedSync,
  generateEncryptionKey,
  memorySink,
  memoryStorage,
  staticKeys,
} from "@titan-sync/core";
import { createSimulator } from "@titan-sync/simulator";
import { createStandIn } from "./engine.js";
import { createEngineDispatcher } from "./engine-dispatcher.js";
import { startEngineWorker } from "./engine-worker.js";

/** Triggers syncs as the router does: `createTitanSyncRouter({ titan, authenticate, dispatcher })`. */
export async function runHostQueue(print: (line: string) => void): Promise<void> {
  const simulator = createSimulator({
    rateLimitPerSecond: null,
    exportPageSize: 10,
    tenants: [{ customers: 60, invoices: 60 }],
  });
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");
  let requests = 0;
  let isDown = false;
  /** Called with the number of requests so far. */
  let beforeRequest: (count: number) => void = () => undefined;
  const storage = memoryStorage();
  const titan = createTitanSync({
    storage,
    sink: memorySink({ storage }),
    keys: staticKeys(generateEncryptionKey()),
    company: async () => ({ trade: "HVAC" }),
    async fetch(input, init) {
      requests += 1;
      beforeRequest(requests);
      return isDown ? new Response(null, { status: 503 }) : await simulator.handle(new Request(input, init));
    },
    requestsPerSecond: 1000,
    retry: { maxAttempts: 1 },
  });
  const credential = await titan.credentials.create({ companyId: "acme", ...tenant });
  const engine = createStandIn<DispatchedSync>();
  const dispatcher = createEngineDispatcher({ titan, storage, engine });
  const sync = (runId: string): DispatchedSync => ({
    runId,
    credentialId: credential.id,
    companyId: "acme",
    type: "manual",
    data: "both",
    mode: "full",
    fresh: false,
    rederive: false,
    replay: false,
    from: null,
    to: null,
    by: null,
    allowRemovals: false,
    actor: "ann",
  });
  const show = async (runId: string): Promise<void> => {
    const run = await titan.runs.find(runId);
    print(`${runId}: ${run?.status}, handed over: ${run?.handedOver}`);
  };

  // Triggered twice, as by a client that repeats its request: one job.
  await dispatcher.dispatch(sync("first"));
  print(`first: ${(await dispatcher.dispatch(sync("first"))).status}`);

  // The process is stopped in the middle of the run.
  const middle = Promise.withResolvers<void>();
  beforeRequest = (count) => {
    if (count > 8) middle.resolve();
  };
  const worker = startEngineWorker({ titan, storage, engine });
  await middle.promise;
  await worker.close();
  await show("first");

  // The next worker continues the run under its id.
  const next = startEngineWorker({ titan, storage, engine });
  await untilGone("first");
  await show("first");
  const before = requests;
  const { runId } = await dispatcher.dispatch(sync("first"));
  print(`first again: it is ${runId}, ${requests - before} requests`);

  // The API does not answer: the run waits, and is tried again in five minutes.
  isDown = true;
  await dispatcher.dispatch(sync("second"));
  await untilFailed("second");
  await show("second");
  isDown = false;

  // One that waits behind it is canceled before it begins; so is the one that has begun, through the storage.
  await dispatcher.dispatch({ ...sync("third"), mode: "incremental" });
  const cancel = { credentialId: credential.id, actor: "ann" };
  await next.close();
  print(`third: ${await dispatcher.cancel({ ...cancel, runId: "third" })}`);
  await show("third");
  print(`second: ${await dispatcher.cancel({ ...cancel, runId: "second" })}`);
  await titan.runs.cancel({ runId: "second", actor: "ann" });
  await show("second");
  await dispatcher.close();
  await titan.close();

  async function untilGone(id: string): Promise<void> {
    while ((await engine.find(id)) !== null) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  async function untilFailed(id: string): Promise<void> {
    while ((await engine.find(id))?.attempts === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
