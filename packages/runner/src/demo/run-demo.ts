import type { RunResult, TitanSync } from "@titan-sync/core";
import type { SimulatedTenant } from "@titan-sync/simulator";
import { addCredential } from "../commands/credential-add.js";
import { defaultSettings, type Settings } from "../configuration/load-settings.js";
import { createDataDirectory } from "../database/data-directory.js";
import { loadKeys } from "../database/encryption-keys.js";
import { openDatabase } from "../database/open-database.js";
import { setUp } from "../database/set-up.js";
import { composeTitan } from "../database/with-titan.js";
import { countOf } from "../output/format.js";
import { createLogger } from "../output/logger.js";
import type { CommandContext } from "../program/context.js";
import { type ExitCode, exitCodeOfStatus, exitCodes } from "../program/exit-codes.js";
import { type DemoOutput, demoOutput } from "./demo-output.js";
import { type DemoSimulator, startDemoSimulator } from "./demo-simulator.js";
import { describeChanges, summariseFirstRun, summariseSecondRun } from "./demo-summary.js";
import { sampleRecords } from "./sample-records.js";
import { openWorkplace } from "./workplace.js";

/** The flags of `demo`. */
export interface DemoFlags {
  readonly customers: number;
  readonly invoices: number;
  readonly seed: number;
  readonly keep?: string | undefined;
}

const companyId = "demo-heating";
const changes = 50;
const samples = 3;

/**
 * Shows the whole of it on this machine: a simulated tenant is connected, synced, changed and synced again.
 * Leaves nothing behind, however it ends.
 */
export async function runDemo(context: CommandContext, flags: DemoFlags): Promise<ExitCode> {
  const demo = demoOutput(context);
  const workplace = await openWorkplace(flags.keep, context.workingDirectory);
  try {
    await demo.title("Titan Sync demo");
    const simulated = await startDemoSimulator(flags);
    try {
      await demo.say(
        `A simulated ServiceTitan with ${countOf(flags.customers, "customer")} and ` +
          `${countOf(flags.invoices, "invoice")} is running at ${simulated.server.url}.`,
      );
      await demo.say("No data leaves this machine.");
      const settings: Settings = {
        ...defaultSettings,
        dataDirectory: workplace.directory,
        apiUrl: simulated.server.url,
        authUrl: simulated.server.url,
      };
      return await withDemoTitan(context, settings, (titan) => perform(titan, simulated, context, demo));
    } finally {
      await simulated.server.close();
    }
  } finally {
    await workplace.leave();
    if (flags.keep !== undefined) {
      await demo.say(`\nThe database is still there: titan-sync --data-dir ${flags.keep} status`);
    }
  }
}

async function withDemoTitan(
  context: CommandContext,
  settings: Settings,
  work: (titan: TitanSync) => Promise<ExitCode>,
): Promise<ExitCode> {
  await createDataDirectory(settings.dataDirectory);
  const database = await openDatabase(settings, { create: true });
  try {
    await setUp(settings, database);
    const logger = createLogger("error", context.stderr);
    await using titan = composeTitan(settings, await loadKeys(settings), database, logger);
    return await work(titan);
  } finally {
    await database.close();
  }
}

/** The steps of the demonstration; a run that does not complete ends it. */
async function perform(
  titan: TitanSync,
  { simulator, tenant, expected }: DemoSimulator,
  context: CommandContext,
  demo: DemoOutput,
): Promise<ExitCode> {
  await demo.title("1  Connect a company");
  const credential = await connect(titan, tenant, context.signal);
  await demo.say(`${companyId} is connected: client id ${credential.clientId}, secrets encrypted.`);

  await demo.title("2  First sync: everything");
  const first = await demo.sync({ titan, credential, fresh: false, expected });
  if (first.status !== "completed") return await ended(first, demo);
  await demo.say(await summariseFirstRun(titan.rejections, first));
  await demo.say(`\nSome members:\n${await sampleRecords(titan.records, "member", samples)}`);
  await demo.say(`\nSome invoices:\n${await sampleRecords(titan.records, "invoice", samples)}`);

  await demo.title(`3  ${countOf(changes, "entity", "entities")} change in ServiceTitan`);
  const changed = simulator.mutateRandomly({ count: changes, tenantId: tenant.tenantId });
  await demo.say(describeChanges(changed));

  await demo.title("4  Second sync: only what changed");
  const second = await demo.sync({ titan, credential, fresh: true, expected: {} });
  if (second.status !== "completed") return await ended(second, demo);
  await demo.say(summariseSecondRun(changed.length, second, first));

  await demo.title("Next");
  await demo.say(nextSteps);
  return exitCodes.success;
}

const nextSteps = `titan-sync init                   sets up your own database
titan-sync credential add --help  connects a company to ServiceTitan
titan-sync sync --data both       copies its customers and invoices`;

async function connect(titan: TitanSync, tenant: SimulatedTenant, signal: AbortSignal) {
  const { tenantId, environment, clientId, clientSecret, appKey } = tenant;
  const values = {
    company: companyId,
    tenant: tenantId,
    environment,
    clientId,
    trade: "HVAC",
    timeZone: "UTC",
  };
  return await addCredential(titan, { ...values, test: true }, { clientSecret, appKey }, signal);
}

async function ended({ status, error }: RunResult, demo: DemoOutput): Promise<ExitCode> {
  await demo.say(`The sync ended ${status}. ${error?.message ?? ""}`.trim());
  return exitCodeOfStatus(status);
}
