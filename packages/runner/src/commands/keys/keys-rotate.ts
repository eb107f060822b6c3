import type { KeyRotationResult, TitanSync } from "@titan-sync/core";
import type { Command } from "commander";
import type { Settings } from "../../configuration/load-settings.js";
import { addKey } from "../../database/add-key.js";
import { dataPaths } from "../../database/data-directory.js";
import { listKeyIds } from "../../database/encryption-keys.js";
import { withTitan } from "../../database/with-titan.js";
import { writeJson, writeLine } from "../../output/write.js";
import type { CommandContext, GlobalFlags } from "../../program/context.js";
import { type ExitCode, exitCodes } from "../../program/exit-codes.js";
import type { Perform } from "../../program/register.js";
import { rotateToTheEnd } from "./rotate-to-the-end.js";
import { type RotationDocument, rotationLines } from "./rotation-lines.js";
import { createRotationProgress } from "./rotation-progress.js";

export function registerKeysRotate(keys: Command, perform: Perform): void {
  keys
    .command("rotate")
    .description("encrypt every credential with a new key while syncs run; safe to stop and repeat")
    .option("--json", "print one JSON document")
    .action((flags: { json?: boolean }) =>
      perform((context, globals) => runKeysRotate(context, globals, flags.json === true)),
    );
}

/**
 * Adds a key to the key file, unless the last rotation is not finished, and encrypts every credential with it.
 * Keys that are configured are their owner's to change: then everything goes under the first of them.
 *
 * Exits 3 when something is left under another key.
 */
export async function runKeysRotate(
  context: CommandContext,
  globals: GlobalFlags,
  json: boolean,
): Promise<ExitCode> {
  return withTitan(
    context,
    globals,
    async ({ titan, settings, signal, note }) => {
      const isAdded = await provideKey(titan, settings, signal);
      if (isAdded) note("A new key was added at the front of the key file.");
      const progress = createRotationProgress(context.stderr);
      const result = await rotateToTheEnd({ keys: titan.keys, signal, onProgress: progress.show });
      progress.end();
      const document = documentOf(result, await listKeyIds(settings), isAdded);
      if (json) await writeJson(context.stdout, document);
      else
        for (const line of rotationLines(document, keyFileOf(settings)))
          await writeLine(context.stdout, line);
      return document.isComplete ? exitCodes.success : exitCodes.partial;
    },
    // The key added here is used for encryption from then on.
    { keysMaxAgeMs: 0, writes: true },
  );
}

/** @returns whether there is a new key. */
async function provideKey(titan: TitanSync, settings: Settings, signal: AbortSignal): Promise<boolean> {
  const keyFile = keyFileOf(settings);
  if (keyFile === null) return false;
  return await addKey(keyFile, async () => !(await isUnderWay(titan, signal)), signal);
}

/** Whether a rotation to the current key was started but not finished. */
async function isUnderWay({ keys }: TitanSync, signal: AbortSignal): Promise<boolean> {
  const usage = await keys.usage({ signal });
  // Secrets under a lost key stay unreadable, and must not prevent a new key.
  return usage.some((key) => !key.isCurrent && key.isKnown && key.credentials + key.suppressionLists > 0);
}

/** `null` when the keys are configured. */
function keyFileOf({ encryptionKeys, dataDirectory }: Settings): string | null {
  return encryptionKeys === null ? dataPaths(dataDirectory).keyFile : null;
}

function documentOf(
  { currentKeyId, checked, reencrypted, suppressionLists, failures, keysStillUsed }: KeyRotationResult,
  keyIds: readonly string[],
  isAdded: boolean,
): RotationDocument {
  const inUse = new Set([currentKeyId, ...keysStillUsed]);
  return {
    currentKeyId,
    addedKeyId: isAdded ? currentKeyId : null,
    checked,
    reencrypted,
    suppressionLists,
    failures,
    keysStillUsed,
    unusedKeys: keyIds.filter((id) => !inUse.has(id)),
    isComplete: failures.length === 0 && keysStillUsed.length === 0,
  };
}
