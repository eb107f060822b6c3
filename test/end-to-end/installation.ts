import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTitanSync, generateEncryptionKey, staticKeys } from "@titan-sync/core";
import {
  createSimulator,
  type SimulatedTenant,
  type Simulator,
  type SimulatorOptions,
  startSimulatorServer,
} from "@titan-sync/simulator";
import { migrate, sqliteStorage } from "@titan-sync/sqlite";
import { expect, onTestFinished } from "vitest";
import { createTestDatabase } from "../postgres/database.js";
import { type ProgramResult, type RunningProgram, runProgram, startProgram } from "./program.js";

/** A working directory with a data directory, and a simulated ServiceTitan on a loopback port. */
export interface Installation {
  readonly directory: string;
  readonly simulator: Simulator;
  /** Where the simulated ServiceTitan answers. */
  readonly url: string;
  run(args: readonly string[], more?: RunOptions): Promise<ProgramResult>;
  start(args: readonly string[], more?: RunOptions): RunningProgram;
  /** Runs a command that must succeed. @returns its standard output */
  must(args: readonly string[], more?: RunOptions): Promise<string>;
  /** Connects a tenant, which is named by its place in the simulator or given. @returns the credential's id */
  connect(companyId: string, which?: number | SimulatedTenant, flags?: readonly string[]): Promise<string>;
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
}

export interface InstallationOptions {
  readonly simulator?: SimulatorOptions;
  /**
   * What the program does differs little between the two.
   *
   * @defaultValue "embedded"
   */
  readonly database?: "embedded" | "postgres";
  readonly environment?: Readonly<Record<string, string>>;
}

/** Needs no `init`: the database has its tables, and there is a key in the environment or in the key file. */
export async function installReady({
  database = "embedded",
  keyIn = "environment",
  ...options
}: InstallationOptions & { readonly keyIn?: "environment" | "file" } = {}): Promise<Installation> {
  const key = generateEncryptionKey();
  const fromEnvironment = keyIn === "environment" ? { TITAN_SYNC_ENCRYPTION_KEYS: key } : {};
  const environment = { ...fromEnvironment, ...options.environment };
  const installation = await open({ ...options, database, environment }, { hasTables: true });
  if (database === "postgres") return installation;

  const directory = join(installation.directory, ".titan-sync");
  const path = join(directory, "titan-sync.db");
  await migrate({ path });
  if (keyIn === "file") await writeFile(join(directory, "encryption-keys"), `${key}\n`, { mode: 0o600 });
  // A start of the program takes longer than most of what tests want to see.
  return {
    ...installation,
    connect: (companyId, which, flags = []) =>
      flags.length > 0
        ? installation.connect(companyId, which, flags)
        : addCredential({ path, key, url: installation.url }, companyId, tenantOf(installation, which)),
  };
}

/** What `credential add` does. */
async function addCredential(
  { path, key, url }: { readonly path: string; readonly key: string; readonly url: string },
  companyId: string,
  tenant: SimulatedTenant,
): Promise<string> {
  const storage = sqliteStorage({ path });
  const titan = createTitanSync({
    storage,
    keys: staticKeys(key),
    sink: async () => ({ rejected: [] }),
    endpoints: { apiUrl: url, authUrl: url },
  });
  try {
    const { id } = await titan.credentials.create({ companyId, ...tenant }, { actor: "cli", test: true });
    await titan.companies.save(companyId, { trade: "General", timeZone: "UTC" });
    return id;
  } finally {
    await titan.close();
    await storage.close();
  }
}

function tenantOf({ simulator }: Installation, which: number | SimulatedTenant = 0): SimulatedTenant {
  const tenant = typeof which === "number" ? simulator.tenants[which] : which;
  if (tenant === undefined) throw new Error(`The simulator has no tenant ${String(which)}.`);
  return tenant;
}

/** Gone when the test that calls this ends. */
export async function install(options: InstallationOptions = {}): Promise<Installation> {
  return await open(options, { hasTables: false });
}

async function open(
  { simulator: options, database = "embedded", environment }: InstallationOptions,
  { hasTables }: { readonly hasTables: boolean },
): Promise<Installation> {
  const directory = await mkdtemp(join(tmpdir(), "titan-sync-end-to-end-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const simulator = createSimulator({ rateLimitPerSecond: null, ...options });
  const databaseUrl = database === "embedded" ? null : await freshDatabase({ empty: !hasTables });
  const server = await startSimulatorServer(simulator);
  onTestFinished(() => server.close());

  const settings = (more: RunOptions = {}) => ({
    workingDirectory: directory,
    environment: {
      TITAN_SYNC_API_URL: server.url,
      TITAN_SYNC_AUTH_URL: server.url,
      TITAN_SYNC_RATE_LIMIT: "500",
      ...(databaseUrl === null ? {} : { TITAN_SYNC_DATABASE_URL: databaseUrl }),
      ...environment,
      ...more.environment,
    },
    ...(more.input === undefined ? {} : { input: more.input }),
  });
  const run = (args: readonly string[], more?: RunOptions) => runProgram(args, settings(more));

  async function must(args: readonly string[], more?: RunOptions): Promise<string> {
    const { exitCode, stdout, stderr } = await run(args, more);
    expect({ args, exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({
      args,
      exitCode: 0,
      stderr: "",
    });
    return stdout;
  }

  const installation: Installation = {
    directory,
    simulator,
    url: server.url,
    run,
    start: (args, more) => startProgram(args, settings(more)),
    must,
    async connect(companyId, which, flags = []) {
      const { tenantId, environment: name, clientId, clientSecret, appKey } = tenantOf(installation, which);
      const values = [
        "--company",
        companyId,
        "--tenant",
        tenantId,
        "--environment",
        name,
        "--client-id",
        clientId,
      ];
      const stdout = await must(["credential", "add", ...values, "--secrets-stdin", ...flags], {
        input: JSON.stringify({ clientSecret, appKey }),
      });
      return stdout.trim();
    },
  };
  return installation;
}

/** @param options.empty - without our tables: `init` makes them. */
async function freshDatabase({ empty }: { readonly empty: boolean }): Promise<string> {
  const { url, drop } = await createTestDatabase({ empty, connections: 1 });
  onTestFinished(drop);
  return url;
}
