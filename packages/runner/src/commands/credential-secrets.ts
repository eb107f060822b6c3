import type { Readable } from "node:stream";
import { isCancel, password } from "@clack/prompts";
import { AbortedError } from "@titan-sync/core";
import { z } from "zod";
import { secretVariables } from "../configuration/environment-layer.js";
import { type CommandContext, isTerminal } from "../program/context.js";
import { UsageError } from "../program/usage-error.js";

/** What is never taken from the command line, where process lists and shell histories show it. */
export interface CredentialSecrets {
  readonly clientSecret: string;
  readonly appKey: string;
}

/** More than any secret needs; a wrong file is not read to its end. */
const inputLimit = 64 * 1024;

const secretFields = ["clientSecret", "appKey"] as const satisfies readonly (keyof CredentialSecrets)[];

const labels: Readonly<Record<keyof CredentialSecrets, string>> = {
  clientSecret: "client secret",
  appKey: "app key",
};

const secretsSchema = z.strictObject({ clientSecret: z.string(), appKey: z.string() });

const changedSecretsSchema = secretsSchema.partial().refine((secrets) => Object.keys(secrets).length > 0);

/**
 * The client secret and the app key: from standard input when asked to, else from the environment, else
 * from a hidden prompt on a terminal.
 *
 * @throws {@link UsageError} when they come from nowhere; {@link AbortedError} when the prompt is left.
 */
export async function readCredentialSecrets(
  context: CommandContext,
  fromStandardInput: boolean,
): Promise<CredentialSecrets> {
  if (fromStandardInput) return parseSecrets(await readText(context.stdin), secretsSchema);
  return {
    clientSecret: await secretFor("clientSecret", context),
    appKey: await secretFor("appKey", context),
  };
}

/** What is absent stays as it is. */
export type ChangedSecrets = Readonly<Partial<Record<keyof CredentialSecrets, string | undefined>>>;

export interface ChangedSecretsOptions {
  readonly fromStandardInput: boolean;
  /** Whether to ask the user when neither is given. */
  readonly mayAsk: boolean;
  /** Called with the origin of secrets that were not explicitly requested. */
  readonly note: (text: string) => void;
}

/**
 * New secrets of a credential that exists: from standard input when asked to, else from
 * the environment, else from a hidden prompt on a terminal, where nothing typed means no change.
 *
 * @throws {@link UsageError} for unusable input; {@link AbortedError} when the prompt is left.
 */
export async function readChangedSecrets(
  context: CommandContext,
  { fromStandardInput, mayAsk, note }: ChangedSecretsOptions,
): Promise<ChangedSecrets> {
  if (fromStandardInput) return parseSecrets(await readText(context.stdin), changedSecretsSchema);
  const given = secretFields.filter((field) => secretInEnvironment(field, context) !== null);
  for (const field of given) note(`Using the new ${labels[field]} from ${secretVariables[field]}.`);
  const isAsked = given.length === 0 && mayAsk && canAsk(context);
  const read = async (field: keyof CredentialSecrets): Promise<string | undefined> =>
    (isAsked
      ? await ask(`New ${labels[field]} (leave empty to keep the current one)`, context, () => undefined)
      : secretInEnvironment(field, context)) || undefined;
  return { clientSecret: await read("clientSecret"), appKey: await read("appKey") };
}

async function secretFor(field: keyof CredentialSecrets, context: CommandContext): Promise<string> {
  const given = secretInEnvironment(field, context);
  if (given !== null) return given;
  const label = labels[field];
  if (!canAsk(context)) {
    throw new UsageError(
      `The ${label} is missing, and there is no terminal to ask on.`,
      `Set ${secretVariables[field]}, or pass --secrets-stdin and write {"clientSecret":"…","appKey":"…"} to standard input.`,
    );
  }
  return await ask(`${label.charAt(0).toUpperCase()}${label.slice(1)}`, context, (value) =>
    value?.trim() ? undefined : `The ${label} is required.`,
  );
}

/** `null` when it is not set, or set to nothing. */
function secretInEnvironment(field: keyof CredentialSecrets, { environment }: CommandContext): string | null {
  return environment[secretVariables[field]]?.trim() || null;
}

function canAsk({ stdin, stderr }: CommandContext): boolean {
  return isTerminal(stdin) && isTerminal(stderr);
}

async function ask(
  message: string,
  context: CommandContext,
  validate: (value: string | undefined) => string | undefined,
): Promise<string> {
  const answer = await password({
    message,
    mask: "•",
    validate,
    input: context.stdin,
    // Standard output is only for results.
    output: context.stderr,
    signal: context.signal,
  });
  if (isCancel(answer)) throw new AbortedError("Nothing was saved.");
  return (answer ?? "").trim();
}

async function readText(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk as Buffer | string);
    length += bytes.length;
    if (length > inputLimit) throw wrongInput("it is longer than 64 kB");
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseSecrets<Secrets>(text: string, schema: z.ZodType<Secrets>): Secrets {
  if (text.trim() === "") throw wrongInput("it is empty");
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // The parser's own message quotes the input.
    throw wrongInput("it is not JSON");
  }
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" ? ["unknown fields"] : [issue.path.join(".") || "no object"],
  );
  throw wrongInput(`wrong or missing: ${[...new Set(fields)].join(", ")}`);
}

function wrongInput(what: string): UsageError {
  return new UsageError(
    `Invalid secrets on standard input: ${what}.`,
    'Expected one JSON object: {"clientSecret":"…","appKey":"…"}.',
  );
}
