import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateEncryptionKey } from "@titan-sync/core";
import {
  createSimulator,
  type SimulatedTenant,
  type Simulator,
  type SimulatorOptions,
  startSimulatorServer,
} from "@titan-sync/simulator";
import { expect, onTestFinished } from "vitest";
import { createTestDatabase } from "../postgres/database.js";
import { type ProgramResult, type RunningProgram, runProgram, startProgram } from "./program.js";

/** A working directory with a data directory, and a simulated ServiceTitan on a loopback port. */
export interface Installation {
  readonly directory: string;
  readonly simulator: Simulator;
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
   * What the program does differs little between the two: a database that is ready has the tables already.
   *
   * @defaultValue "postgres"
   */
  readonly database?: "embedded" | "postgres" | "ready";
  readonly environment?: Readonly<Record<string, string>>;
}

/** Needs no `init`: the database has its tables, and the key comes from the environment. */
export async function installReady(
  options: Omit<InstallationOptions, "database"> = {},
): Promise<Installation> {
  const environment = { TITAN_SYNC_ENCRYPTION_KEYS: generateEncryptionKey(), ...options.environment };
  return install({ ...options, database: "ready", environment });
}

/** Gone when the test that calls this ends. */
export async function install({
  simulator: options,
  database = "postgres",
  environment,
}: InstallationOptions = {}): Promise<Installation> {
  const directory = await mkdtemp(join(tmpdir(), "titan-sync-end-to-end-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const simulator = createSimulator({ rateLimitPerSecond: null, ...options });
  const databaseUrl = database === "embedded" ? null : await freshDatabase(database);
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

  return {
    directory,
    simulator,
    run,
    start: (args, more) => startProgram(args, settings(more)),
    must,
    async connect(companyId, which = 0, flags = []) {
      const tenant = typeof which === "number" ? simulator.tenants[which] : which;
      if (tenant === undefined) throw new Error(`The simulator has no tenant ${which}.`);
      const { tenantId, environment: name, clientId, clientSecret, appKey } = tenant;
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
}

/** @param kind - "postgres" is without our tables: `init` makes them. */
async function freshDatabase(kind: "postgres" | "ready"): Promise<string> {
  const { url, drop } = await createTestDatabase({ empty: kind === "postgres", connections: 1 });
  onTestFinished(drop);
  return url;
}
