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

const secretsSchema = z.strictObject({ clientSecret: z.string(), appKey: z.string() });

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
  if (fromStandardInput) return parseSecrets(await readText(context.stdin));
  return {
    clientSecret: await secretFor("clientSecret", "Client secret", context),
    appKey: await secretFor("appKey", "App key", context),
  };
}

async function secretFor(
  field: keyof CredentialSecrets,
  label: string,
  context: CommandContext,
): Promise<string> {
  const variable = secretVariables[field];
  const given = context.environment[variable]?.trim();
  if (given !== undefined && given !== "") return given;
  if (!isTerminal(context.stdin) || !isTerminal(context.stderr)) {
    throw new UsageError(
      `The ${label.toLowerCase()} is missing, and without a terminal nobody can be asked.`,
      `Set ${variable}, or pass --secrets-stdin and write {"clientSecret":"…","appKey":"…"} to standard input.`,
    );
  }
  const answer = await password({
    message: label,
    mask: "•",
    validate: (value) => (value?.trim() ? undefined : `The ${label.toLowerCase()} is needed.`),
    input: context.stdin,
    // Standard output is for the credential's id alone.
    output: context.stderr,
    signal: context.signal,
  });
  if (isCancel(answer)) throw new AbortedError("Nothing was saved.");
  return answer.trim();
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

function parseSecrets(text: string): CredentialSecrets {
  if (text.trim() === "") throw wrongInput("it is empty");
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // The parser's own message quotes the input.
    throw wrongInput("it is not JSON");
  }
  const parsed = secretsSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" ? ["unknown fields"] : [issue.path.join(".") || "no object"],
  );
  throw wrongInput(`wrong or missing: ${[...new Set(fields)].join(", ")}`);
}

function wrongInput(what: string): UsageError {
  return new UsageError(
    `Standard input does not hold the secrets: ${what}.`,
    'Expected one JSON object: {"clientSecret":"…","appKey":"…"}.',
  );
}
