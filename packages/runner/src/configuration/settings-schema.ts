import { defaultThresholds } from "@titan-sync/core";
import { z } from "zod";
import { webhookSecret } from "../alerts/webhook-signature.js";

export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

const wholeNumber = (least: number, most: number) =>
  z.int().min(least).max(most).describe(`a whole number from ${least} to ${most}`);

const loopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Credentials are sent to these addresses: never unencrypted, except within this machine. */
function isSafeAddress(text: string): boolean {
  const url = URL.parse(text);
  if (url === null) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && loopback.test(url.hostname));
}

const webAddress = (name: string) =>
  z
    .string()
    .refine(isSafeAddress)
    .describe(`the URL that replaces ServiceTitan's ${name}: https (http only for loopback addresses)`);

const hostTable = z.strictObject({
  table: z.string().min(1),
  schema: z.string().min(1).optional(),
  columns: z.record(z.string(), z.string().nullable()).optional(),
});

/** Messages may name companies: never unencrypted, except within this machine. */
const receiver = z.string().refine(isSafeAddress);
const secret = z.string().regex(webhookSecret);
const mailbox = z.string().regex(/^[^\r\n]*@[^\r\n]+$/);
const smtp = z.url({ protocol: /^smtps?$/ });
const threshold = z.number().positive();

const alerts = z.strictObject({
  webhooks: z.array(z.strictObject({ url: receiver, secret })).optional(),
  slack: z.array(z.strictObject({ url: receiver })).optional(),
  mail: z.array(z.strictObject({ to: mailbox, from: mailbox, smtpUrl: smtp })).optional(),
  heartbeatUrl: receiver.optional(),
  thresholds: z
    .strictObject(Object.fromEntries(Object.keys(defaultThresholds).map((name) => [name, threshold])))
    .partial()
    .optional(),
});

/**
 * All settings of the program, by file, environment or flag. What each field expects is its
 * description, which messages about mistakes repeat.
 */
export const settingsSchema = z.strictObject({
  databaseUrl: z
    .url({ protocol: /^postgres(?:ql)?$/ })
    .describe("the URL of a PostgreSQL database: postgres://user@host/name"),
  dataDirectory: z.string().trim().min(1).describe("a directory for the embedded database and the key file"),
  encryptionKeys: z.string().trim().min(1).describe('keys as "id:base64", comma-separated, 64 bytes each'),
  apiUrl: webAddress("API host"),
  authUrl: webAddress("sign-in host"),
  rateLimit: wholeNumber(1, 1000),
  host: z.string().trim().min(1).describe("the address to listen on"),
  port: wholeNumber(0, 65_535),
  companies: z
    .record(z.string().min(1), z.looseObject({}))
    .describe(
      "company options by company id: { trade, timeZone, importId, rules, mapping, feeds, acceptAbsent }",
    ),
  tables: z
    .strictObject({ member: hostTable.optional(), invoice: hostTable.optional() })
    .describe("your own tables: { member: { table, schema, columns }, invoice: { table, schema, columns } }"),
  alerts: alerts.describe(
    'channels of alerts, with https addresses: { webhooks: [{ url, secret: "whsec_…" }], slack: [{ url }], mail: [{ to, from, smtpUrl }], heartbeatUrl, thresholds }',
  ),
  alertWebhookUrl: receiver.describe("the https URL of a webhook for alerts"),
  alertWebhookSecret: secret.describe(
    'the secret that signs its messages: "whsec_" and 24 to 64 bytes in base64',
  ),
  alertSlackUrl: receiver.describe("the https URL of a Slack webhook for alerts"),
  alertMailTo: mailbox.describe("the mail address for alerts"),
  smtpUrl: smtp.describe("the mail server for alerts: smtps://user:password@host, or smtp:// with STARTTLS"),
  heartbeatUrl: receiver.describe("the https URL that is called each minute while everything works"),
  logLevel: z.enum(logLevels).describe(`one of ${logLevels.join(", ")}`),
});

export type SettingName = keyof z.infer<typeof settingsSchema>;

/** One source of settings: the file, the environment or the flags. Values are not checked yet. */
export interface SettingsLayer {
  readonly values: Readonly<Record<string, unknown>>;
  /** The user's name for the setting in this layer, for messages. */
  readonly nameOf: (setting: string) => string;
}

/** Settings that messages must not repeat. */
export const secretSettings: ReadonlySet<string> = new Set([
  "databaseUrl",
  "encryptionKeys",
  "alerts",
  "alertWebhookUrl",
  "alertWebhookSecret",
  "alertSlackUrl",
  "smtpUrl",
  "heartbeatUrl",
]);
