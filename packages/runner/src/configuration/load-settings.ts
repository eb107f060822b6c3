import { resolve } from "node:path";
import {
  type AlertThresholds,
  type CompanyDetails,
  ConfigError,
  companyIssues,
  Secret,
} from "@titan-sync/core";
import type { PostgresAppendSinkOptions } from "@titan-sync/postgres";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import { type CheckedLayer, checkLayer } from "./check-layer.js";
import { environmentLayer, unknownVariables } from "./environment-layer.js";
import { fileLayer } from "./file-layer.js";
import type { LogLevel, SettingName, SettingsLayer } from "./settings-schema.js";

/** Where alerts go. Addresses are secrets: whoever knows one can send to it. */
export interface AlertSettings {
  readonly webhooks: readonly { readonly url: Secret; readonly secret: Secret }[];
  readonly slack: readonly { readonly url: Secret }[];
  readonly mail: readonly { readonly to: string; readonly from: string; readonly smtpUrl: Secret }[];
  /** Called each minute while everything works; `null` for nothing. */
  readonly heartbeatUrl: Secret | null;
  readonly thresholds: Partial<AlertThresholds>;
}

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
  readonly alerts: AlertSettings;
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
  alerts: { webhooks: [], slack: [], mail: [], heartbeatUrl: null, thresholds: {} },
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
  const alerts = alertSettings(given, issues);
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
    alerts,
    logLevel: given("logLevel") ?? defaultSettings.logLevel,
    warnings: unknownVariables(context.environment).map(
      (name) => `The environment variable ${name} is unknown and was ignored.`,
    ),
  };
}

/** The channels of the file, and that of each type that the environment adds. */
function alertSettings(
  given: <Name extends SettingName>(name: Name) => CheckedLayer[Name],
  issues: string[],
): AlertSettings {
  const { webhooks = [], slack = [], mail = [], heartbeatUrl, thresholds = {} } = given("alerts") ?? {};
  const [url, secret] = [given("alertWebhookUrl"), given("alertWebhookSecret")];
  if ((url === undefined) !== (secret === undefined)) {
    issues.push(
      "TITAN_SYNC_ALERT_WEBHOOK_URL and TITAN_SYNC_ALERT_WEBHOOK_SECRET belong together, and one is missing",
    );
  }
  const added = url === undefined || secret === undefined ? [] : [{ url, secret }];
  const [to, smtpUrl] = [given("alertMailTo"), given("smtpUrl")];
  if ((to === undefined) !== (smtpUrl === undefined)) {
    issues.push("TITAN_SYNC_ALERT_MAIL_TO and TITAN_SYNC_SMTP_URL belong together, and one is missing");
  }
  const mails = [...mail, ...(to === undefined || smtpUrl === undefined ? [] : [{ to, from: to, smtpUrl }])];
  const slackUrl = given("alertSlackUrl");
  return {
    webhooks: [...webhooks, ...added].map((webhook) => ({
      url: new Secret(webhook.url),
      secret: new Secret(webhook.secret),
    })),
    slack: [...slack, ...(slackUrl === undefined ? [] : [{ url: slackUrl }])].map((channel) => ({
      url: new Secret(channel.url),
    })),
    mail: mails.map((one) => ({ ...one, smtpUrl: new Secret(one.smtpUrl) })),
    heartbeatUrl: secretOrNull(given("heartbeatUrl") ?? heartbeatUrl),
    thresholds,
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
