import type { KeyRotationResult } from "@titan-sync/core";
import { countOf } from "../../output/format.js";

/** What a rotation has come to, as `--json` prints it. */
export interface RotationDocument extends KeyRotationResult {
  /** `null` when no key was added: the last rotation continued, or the keys are configured. */
  readonly addedKeyId: string | null;
  /** Configured keys with which nothing is encrypted. */
  readonly unusedKeys: readonly string[];
  /** Whether everything is under the current key. */
  readonly isComplete: boolean;
}

/**
 * What a rotation has come to, and what is to do about it.
 * @param keyFile - where the keys are; `null` when they are configured.
 */
export function rotationLines(document: RotationDocument, keyFile: string | null): readonly string[] {
  const { currentKeyId, checked, reencrypted } = document;
  const counts = `${countOf(checked, "credential")} checked, ${reencrypted} re-encrypted`;
  const lines = document.isComplete
    ? [`Every credential is encrypted with the key ${currentKeyId} (${counts}).`]
    : [
        `Not every credential is encrypted with the key ${currentKeyId} yet (${counts}).`,
        ...leftLines(document),
      ];
  return [...lines, ...nextLines(document, keyFile)];
}

function leftLines({ failures, keysStillUsed }: RotationDocument): readonly string[] {
  const lines = failures.map(
    ({ companyId, credentialId, message }) =>
      `  ${credentialId ?? `suppression list of ${companyId}`}: ${message}`,
  );
  if (keysStillUsed.length > 0) lines.push(`  Still in use: ${keysStillUsed.join(", ")}`);
  const isBusy = failures.every(({ code }) => code === "CONFLICT");
  lines.push(
    isBusy
      ? '  Running programs still encrypt with the keys that they started with. Restart them, then repeat "titan-sync keys rotate".'
      : '  Restore the missing key, or enter the secrets again with "titan-sync credential update"; then repeat "titan-sync keys rotate".',
  );
  return lines;
}

function nextLines(document: RotationDocument, keyFile: string | null): readonly string[] {
  return keyFile === null ? nextForConfigured(document) : nextForFile(document, keyFile);
}

function nextForFile({ addedKeyId, unusedKeys }: RotationDocument, keyFile: string): readonly string[] {
  const lines: string[] = [];
  if (addedKeyId !== null) lines.push(`Keep a copy of ${keyFile} in a safe place: it has changed.`);
  if (unusedKeys.length > 0) {
    lines.push(
      `No longer used: ${unusedKeys.join(", ")}. Running programs reload the key file within ten seconds; once "titan-sync doctor" agrees after that, you can remove the key from the file.`,
    );
  }
  return lines;
}

function nextForConfigured({ currentKeyId, unusedKeys, isComplete, reencrypted }: RotationDocument) {
  if (unusedKeys.length > 0) {
    return [
      `No longer used: ${unusedKeys.join(", ")}. Once every running program has ${currentKeyId} as its first key, you can remove the entry from TITAN_SYNC_ENCRYPTION_KEYS.`,
    ];
  }
  if (!isComplete || reencrypted > 0) return [];
  return [
    "Nothing to do. To use a new key, put it first in TITAN_SYNC_ENCRYPTION_KEYS for every running program, and repeat:",
    "  TITAN_SYNC_ENCRYPTION_KEYS=\"new-id:$(openssl rand -base64 64 | tr -d '\\n'),$TITAN_SYNC_ENCRYPTION_KEYS\"",
  ];
}
