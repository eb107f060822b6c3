import type { Figures, Setting } from "../measure/benchmark.js";
import { withDatabase } from "../stage/database.js";
import { type ProgramPlace, type ProgramRun, runProgram } from "../stage/program.js";
import { type Source, withSimulator } from "../stage/source-process.js";
import { withDirectory } from "../stage/stores.js";

/** The embedded database where there is none yet. */
export async function measureInit(): Promise<Figures> {
  return await withDirectory(async (directory) => figuresOf(await runProgram(["init"], { directory })));
}

export async function measureStatus(): Promise<Figures> {
  return await withDirectory(async (directory) => {
    await runProgram(["init"], { directory });
    return figuresOf(await runProgram(["status"], { directory }));
  });
}

export async function measureSyncIntoSqlite(setting: Setting, rows: number): Promise<Figures> {
  return await withDirectory((directory) => measureSync(setting, rows, { directory }));
}

export async function measureSyncIntoPostgres(setting: Setting, rows: number): Promise<Figures> {
  return await withDatabase(setting.serverUrl, (_, url) =>
    withDirectory((directory) =>
      measureSync(setting, rows, { directory, environment: { TITAN_SYNC_DATABASE_URL: url } }),
    ),
  );
}

async function measureSync(
  { scale }: Setting,
  rows: number,
  { directory, environment = {} }: ProgramPlace,
): Promise<Figures> {
  const count = Math.round(rows * scale);
  const simulator = {
    tenants: [{ customers: count, invoices: count }],
    exportPageSize: 5000,
    rateLimitPerSecond: null,
  };
  return await withSimulator(simulator, async (source) => {
    const place = { directory, environment: { ...environment, ...environmentOf(source) } };
    await runProgram(["init"], place);
    await runProgram(addCredential(source), place);
    return figuresOf(await runProgram(["sync", "--all", "--data", "both"], place));
  });
}

const environmentOf = ({ url, tenant }: Source): Readonly<Record<string, string>> => ({
  TITAN_SYNC_API_URL: url,
  TITAN_SYNC_AUTH_URL: url,
  // More than is reached: the storage is what is measured.
  TITAN_SYNC_RATE_LIMIT: "1000",
  TITAN_SYNC_CLIENT_SECRET: tenant.clientSecret,
  TITAN_SYNC_APP_KEY: tenant.appKey,
});

const addCredential = ({ tenant }: Source): readonly string[] => [
  "credential",
  "add",
  ...["--company", "acme"],
  ...["--tenant", tenant.tenantId],
  ...["--environment", tenant.environment],
  ...["--client-id", tenant.clientId],
];

const figuresOf = ({ ms, cpuMs, peakMb }: ProgramRun): Figures => ({ ms, cpuMs, peakMb });
