import type { Writable } from "node:stream";
import { TitanSyncError } from "@titan-sync/core";
import { writeLine } from "../output/write.js";
import { UsageError } from "./usage-error.js";

/**
 * Tells a person what went wrong: one line and a hint for what they can change, a stack for what nobody
 * expected.
 */
export async function reportError(error: unknown, stderr: Writable): Promise<void> {
  if (error instanceof UsageError || TitanSyncError.is(error)) {
    await writeLine(stderr, `titan-sync: ${error.message}`);
    if (error.hint !== null) await writeLine(stderr, `  hint: ${error.hint}`);
    return;
  }
  const text = error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error);
  await writeLine(stderr, `titan-sync: unexpected error: ${withoutPasswords(text)}`);
  await writeLine(stderr, "  hint: This is a bug in titan-sync. Please report it with the lines above.");
}

/** Drivers put addresses into their messages, and an address may hold a password. */
export function withoutPasswords(text: string): string {
  return text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/]*@/gi, "$1:…@");
}
