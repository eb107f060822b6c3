import { type CredentialPause, isoTime } from "@titan-sync/core";
import { type Command, InvalidArgumentError } from "commander";
import { withTitan } from "../database/with-titan.js";
import { writeJson, writeLine } from "../output/write.js";
import type { CommandContext, GlobalFlags } from "../program/context.js";
import { type ExitCode, exitCodes } from "../program/exit-codes.js";
import type { Perform } from "../program/register.js";
import { requireCredential } from "./select-credentials.js";

interface PauseFlags {
  readonly reason: string;
  readonly until?: number | undefined;
  readonly json?: boolean | undefined;
}

export function registerCredentialPause(credential: Command, perform: Perform): void {
  credential
    .command("pause")
    .description("keep a credential from being synced automatically; you can still sync it yourself")
    .argument("<id>", "the credential")
    .requiredOption("--reason <text>", "why, for whoever looks at it later")
    .option("--until <instant>", "when the pause ends by itself (2026-01-31T08:00:00Z)", toInstant)
    .option("--json", "print one JSON document")
    .action((id: string, flags: PauseFlags) =>
      perform((context, globals) => runCredentialPause(context, globals, id, flags)),
    );
}

export function registerCredentialResume(credential: Command, perform: Perform): void {
  credential
    .command("resume")
    .description("end a credential's pause; starts that it missed are not made up for")
    .argument("<id>", "the credential")
    .option("--json", "print one JSON document")
    .action((id: string, flags: Pick<PauseFlags, "json">) =>
      perform((context, globals) => runCredentialResume(context, globals, id, flags)),
    );
}

export async function runCredentialPause(
  context: CommandContext,
  globals: GlobalFlags,
  id: string,
  { reason, until, json }: PauseFlags,
): Promise<ExitCode> {
  return withTitan(context, globals, async ({ titan }) => {
    await requireCredential(titan.credentials, id);
    const pause = await titan.credentials.pause(id, { reason, until, actor: "cli" });
    if (json === true) await writeJson(context.stdout, { id, pause: pauseDocument(pause) });
    else {
      const end = pause.until === null ? "until you resume it" : `until ${isoTime(pause.until)}`;
      await writeLine(context.stdout, `Paused ${end}.`);
    }
    return exitCodes.success;
  });
}

export async function runCredentialResume(
  context: CommandContext,
  globals: GlobalFlags,
  id: string,
  { json }: Pick<PauseFlags, "json">,
): Promise<ExitCode> {
  return withTitan(context, globals, async ({ titan }) => {
    await requireCredential(titan.credentials, id);
    const pause = await titan.credentials.resume(id, { actor: "cli" });
    if (json === true) await writeJson(context.stdout, { id, resumed: pause !== null });
    else await writeLine(context.stdout, pause === null ? "It was not paused." : "Resumed.");
    return exitCodes.success;
  });
}

/** A pause as JSON documents show it. */
export function pauseDocument({ reason, actor, at, until }: CredentialPause) {
  return { reason, actor, at: isoTime(at), until: isoTime(until) };
}

/** A date is its midnight in UTC, and an instant without a zone is UTC. */
function toInstant(text: string): number {
  const match = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:\d{2})?)?$/.exec(
    text,
  );
  const [, date, time = "00:00", zone = "Z"] = match ?? [];
  const instant = date === undefined ? Number.NaN : Date.parse(`${date}T${time}${zone}`);
  if (Number.isNaN(instant)) {
    throw new InvalidArgumentError("expected a date (2026-01-31) or an instant (2026-01-31T08:00:00Z)");
  }
  return instant;
}
