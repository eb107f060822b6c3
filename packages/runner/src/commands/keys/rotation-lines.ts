import type { KeyRotationResult } from "@titan-sync/core";
import { countOf } from "../../output/format.js";

/** What a rotation has come to, as `--json` prints it. */
export interface RotationDocument extends KeyRotationResult {
  /** `null` when no key was added: the last rotation went on, or the keys are configured. */
  readonly addedKeyId: string | null;
  /** Keys that are there and that nothing is encrypted with. */
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
  const counts = `${countOf(checked, "credential")} checked, ${reencrypted} encrypted anew`;
  const lines = document.isComplete
    ? [`Every credential is under the key ${currentKeyId} (${counts}).`]
    : [`Not every credential is under the key ${currentKeyId} yet (${counts}).`, ...leftLines(document)];
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
      ? '  Programs that run still encrypt with the keys they began with. Restart them, then repeat "titan-sync keys rotate".'
      : '  Bring back the key that is missing, or give the secrets anew with "titan-sync credential update"; then repeat "titan-sync keys rotate".',
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
      `No longer used: ${unusedKeys.join(", ")}. Programs that run follow the key file within ten seconds; once "titan-sync doctor" says the same after that, the key can be removed from the file.`,
    );
  }
  return lines;
}

function nextForConfigured({ currentKeyId, unusedKeys, isComplete, reencrypted }: RotationDocument) {
  if (unusedKeys.length > 0) {
    return [
      `No longer used: ${unusedKeys.join(", ")}. Once every program that runs has ${currentKeyId} as its first key, the entry can be removed from TITAN_SYNC_ENCRYPTION_KEYS.`,
    ];
  }
  if (!isComplete || reencrypted > 0) return [];
  return [
    "There was nothing to do. For a new key, put it in front of the others in TITAN_SYNC_ENCRYPTION_KEYS, for every program that runs, and repeat:",
    "  TITAN_SYNC_ENCRYPTION_KEYS=\"new-id:$(openssl rand -base64 64 | tr -d '\\n'),$TITAN_SYNC_ENCRYPTION_KEYS\"",
  ];
}
