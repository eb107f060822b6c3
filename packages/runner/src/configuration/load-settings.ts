import { resolve } from "node:path";
import { type CompanyDetails, ConfigError, companyIssues, Secret } from "@titan-sync/core";
import type { PostgresAppendSinkOptions } from "@titan-sync/postgres";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import { type CheckedLayer, checkLayer } from "./check-layer.js";
import { environmentLayer, unknownVariables } from "./environment-layer.js";
import { fileLayer } from "./file-layer.js";
import type { LogLevel, SettingName, SettingsLayer } from "./settings-schema.js";

/** How the program is set up. */
export interface Settings {
  /** PostgreSQL; `null` for the embedded database. */
  readonly databaseUrl: Secret | null;
  /** Absolute path of the directory with the embedded database and the key file. */
  readonly dataDirectory: string;
  /** Keys as `id:base64`; `null` for those of the key file. */
  readonly encryptionKeys: Secret | null;
  /** Replace ServiceTitan's hosts; `null` leaves them. */
  readonly apiUrl: string | null;
  readonly authUrl: string | null;
  /** Requests per second for each tenant and app key; `null` for the SDK's default. */
  readonly rateLimit: number | null;
  readonly host: string;
  readonly port: number;
  /** The file's company options by id, which take precedence over stored ones. */
  readonly companies: Readonly<Record<string, Partial<CompanyDetails>>>;
  /** Tables of the host's own that records are appended to; `null` keeps them in ours. */
  readonly tables: PostgresAppendSinkOptions["tables"] | null;
  readonly logLevel: LogLevel;
  /** Warnings about a configuration that works. */
  readonly warnings: readonly string[];
}

/** What holds where nobody says otherwise. The data directory is relative to where the program runs. */
export const defaultSettings: Settings = {
  databaseUrl: null,
  dataDirectory: ".titan-sync",
  encryptionKeys: null,
  apiUrl: null,
  authUrl: null,
  rateLimit: null,
  host: "127.0.0.1",
  port: 8080,
  companies: {},
  tables: null,
  // Commands themselves print what the user needs to know.
  logLevel: "warn",
  warnings: [],
};

/**
 * Reads the configuration: flags over environment over the file over defaults.
 *
 * @throws {@link ConfigError} that lists every mistake of every source at once.
 */
export async function loadSettings(
  context: Pick<CommandContext, "environment" | "workingDirectory">,
  flags: GlobalFlags,
): Promise<Settings> {
  const issues: string[] = [];
  const file = checkLayer(await fileLayer(context.workingDirectory, flags.config), issues);
  const environment = checkLayer(environmentLayer(context.environment), issues);
  const flagged = checkLayer(flagsLayer(flags), issues);
  const companies = checkCompanies(file.companies, issues);
  const given = <Name extends SettingName>(name: Name): CheckedLayer[Name] =>
    flagged[name] ?? environment[name] ?? file[name];
  if (given("tables") !== undefined && given("databaseUrl") === undefined) {
    issues.push("tables: your own tables need a PostgreSQL database, and TITAN_SYNC_DATABASE_URL names none");
  }
  if (issues.length > 0) {
    const [count, lines] = [issues.length, issues.map((issue) => `\n  - ${issue}`).join("")];
    throw new ConfigError(`The configuration has ${count === 1 ? "an error" : `${count} errors`}:${lines}`);
  }

  return {
    databaseUrl: secretOrNull(given("databaseUrl")),
    dataDirectory: resolve(context.workingDirectory, given("dataDirectory") ?? defaultSettings.dataDirectory),
    encryptionKeys: secretOrNull(given("encryptionKeys")),
    apiUrl: given("apiUrl") ?? null,
    authUrl: given("authUrl") ?? null,
    rateLimit: given("rateLimit") ?? defaultSettings.rateLimit,
    host: given("host") ?? defaultSettings.host,
    port: given("port") ?? defaultSettings.port,
    companies,
    tables: given("tables") ?? null,
    logLevel: given("logLevel") ?? defaultSettings.logLevel,
    warnings: unknownVariables(context.environment).map(
      (name) => `The environment variable ${name} is unknown and was ignored.`,
    ),
  };
}

/** Adds the mistakes of every company to the list. */
function checkCompanies(companies: CheckedLayer["companies"], issues: string[]): Settings["companies"] {
  const checked = (companies ?? {}) as Settings["companies"];
  for (const [id, details] of Object.entries(checked)) {
    const unknown = Object.keys(details).filter((name) => !companyDetails.includes(name));
    issues.push(
      ...unknown.map((name) => `companies.${id}.${name}: unknown option`),
      ...companyIssues({ trade: null, ...details }).map((issue) => `companies.${id}.${issue}`),
    );
  }
  return checked;
}

const companyDetails = ["trade", "importId", "timeZone", "rules", "mapping", "feeds", "acceptAbsent"];

function flagsLayer(flags: GlobalFlags): SettingsLayer {
  const names: Readonly<Record<string, string>> = { dataDirectory: "--data-dir", logLevel: "--log-level" };
  const values = { dataDirectory: flags.dataDir, logLevel: flags.logLevel };
  return {
    values: Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)),
    nameOf: (setting) => names[setting] ?? setting,
  };
}

function secretOrNull(value: string | undefined): Secret | null {
  return value === undefined ? null : new Secret(value);
}
