import type { SettingName, SettingsLayer } from "./settings-schema.js";

const prefix = "TITAN_SYNC_";

/** The environment variable of each setting that has one. */
const variables: Readonly<Partial<Record<SettingName, string>>> = {
  databaseUrl: "TITAN_SYNC_DATABASE_URL",
  dataDirectory: "TITAN_SYNC_DATA_DIR",
  encryptionKeys: "TITAN_SYNC_ENCRYPTION_KEYS",
  apiUrl: "TITAN_SYNC_API_URL",
  authUrl: "TITAN_SYNC_AUTH_URL",
  rateLimit: "TITAN_SYNC_RATE_LIMIT",
  host: "TITAN_SYNC_HOST",
  port: "TITAN_SYNC_PORT",
  logLevel: "TITAN_SYNC_LOG_LEVEL",
  alertWebhookUrl: "TITAN_SYNC_ALERT_WEBHOOK_URL",
  alertWebhookSecret: "TITAN_SYNC_ALERT_WEBHOOK_SECRET",
  alertSlackUrl: "TITAN_SYNC_ALERT_SLACK_URL",
  alertMailTo: "TITAN_SYNC_ALERT_MAIL_TO",
  smtpUrl: "TITAN_SYNC_SMTP_URL",
  heartbeatUrl: "TITAN_SYNC_HEARTBEAT_URL",
};

/** Where `credential add` finds what must never be a flag. */
export const secretVariables = {
  clientSecret: "TITAN_SYNC_CLIENT_SECRET",
  appKey: "TITAN_SYNC_APP_KEY",
} as const;

const numeric: ReadonlySet<string> = new Set<SettingName>(["rateLimit", "port"]);

type Environment = Readonly<Record<string, string | undefined>>;

/** The settings in the environment. A variable set to nothing counts as not set. */
export function environmentLayer(environment: Environment): SettingsLayer {
  const values: Record<string, unknown> = {};
  for (const [setting, variable] of Object.entries(variables)) {
    const text = environment[variable]?.trim();
    if (text === undefined || text === "") continue;
    values[setting] = numeric.has(setting) && /^\d+$/.test(text) ? Number(text) : text;
  }
  return { values, nameOf: (setting) => variables[setting as SettingName] ?? setting };
}

/** Variables with our prefix that mean nothing to this program: most likely misspelled. */
export function unknownVariables(environment: Environment): string[] {
  const known = new Set<string>([...Object.values(variables), ...Object.values(secretVariables)]);
  return Object.keys(environment).filter((name) => name.startsWith(prefix) && !known.has(name));
}
