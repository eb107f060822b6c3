import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createSimulator, startSimulatorServer } from "@titan-sync/simulator";
import { expect, onTestFinished } from "vitest";
import { createTestDatabase } from "../../../../test/postgres/database.js";
import { runTitanSync } from "../run-titan-sync.js";
import { testContext } from "./context.js";
import { temporaryDirectory } from "./temporary-directory.js";

/** The program with a connected company, `acme`, with its own database: on PostgreSQL, or embedded. */
export async function connectedProgram({ embedded = false }: { readonly embedded?: boolean } = {}) {
  const database = await createTestDatabase({ empty: true });
  onTestFinished(() => database.drop());
  const simulator = createSimulator({ rateLimitPerSecond: null, tenants: [{ customers: 60, invoices: 60 }] });
  const server = await startSimulatorServer(simulator);
  onTestFinished(() => server.close());
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");
  const directory = await temporaryDirectory();
  const environment = {
    ...(embedded ? {} : { TITAN_SYNC_DATABASE_URL: database.url }),
    TITAN_SYNC_API_URL: server.url,
    TITAN_SYNC_AUTH_URL: server.url,
    TITAN_SYNC_CLIENT_SECRET: tenant.clientSecret,
    TITAN_SYNC_APP_KEY: tenant.appKey,
  };
  const run = async (...args: readonly string[]) => {
    const context = testContext({ environment, workingDirectory: directory });
    const exitCode = await runTitanSync({ ...context, argv: args });
    return { exitCode, stdout: context.stdout.text(), stderr: context.stderr.text() };
  };
  const must = async (...args: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect({ args, exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({
      args,
      exitCode: 0,
      stderr: "",
    });
    return stdout;
  };
  await must("init");
  const credential = ["--company", "acme", "--tenant", tenant.tenantId, "--client-id", tenant.clientId];
  await must("credential", "add", ...credential, "--environment", tenant.environment, "--trade", "HVAC");
  return {
    run,
    must,
    directory,
    pool: database.pool,
    databaseUrl: database.url,
    configure: (text: string) => writeFile(join(directory, "titan-sync.config.js"), text),
  };
}
