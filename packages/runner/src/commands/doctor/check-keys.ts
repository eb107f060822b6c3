import type { KeyUsage } from "@titan-sync/core";
import { countOf } from "../../output/format.js";
import { type Finding, good, problem, warning } from "./finding.js";

const about = { check: "keys" } as const;

/**
 * Whether everything that is encrypted can be read, and whether a rotation is to be finished or tidied up.
 *
 * @param keyIds - those that are given, the one that encrypts first.
 * @param usage - `null` when the database could not be asked.
 */
export function checkKeys(keyIds: readonly string[], usage: readonly KeyUsage[] | null): readonly Finding[] {
  const [currentId = ""] = keyIds;
  const given = good(about, `${countOf(keyIds.length, "encryption key")} configured; ${currentId} encrypts.`);
  return usage === null
    ? [given]
    : [given, ...lost(usage), ...unfinished(usage, currentId), ...unused(keyIds, usage)];
}

function lost(usage: readonly KeyUsage[]): readonly Finding[] {
  return usage
    .filter((key) => !key.isKnown)
    .map((key) =>
      problem(
        about,
        `The key ${key.id} is not configured, and ${whatIsUnder(key)} cannot be decrypted without it.`,
        'Restore the key, or enter the secrets again with "titan-sync credential update".',
      ),
    );
}

function unfinished(usage: readonly KeyUsage[], currentId: string): readonly Finding[] {
  return usage
    .filter((key) => key.isKnown && !key.isCurrent && isUsed(key))
    .map((key) =>
      warning(
        about,
        `${whatIsUnder(key)} still encrypted with the key ${key.id} instead of ${currentId}.`,
        'Run "titan-sync keys rotate".',
      ),
    );
}

function unused(keyIds: readonly string[], usage: readonly KeyUsage[]): readonly Finding[] {
  const inUse = new Set(usage.filter((key) => key.isCurrent || isUsed(key)).map((key) => key.id));
  return keyIds
    .filter((id) => !inUse.has(id))
    .map((id) => good(about, `Nothing is encrypted with the key ${id} anymore: it can be removed.`));
}

function isUsed({ credentials, suppressionLists }: KeyUsage): boolean {
  return credentials + suppressionLists > 0;
}

function whatIsUnder({ credentials, suppressionLists }: KeyUsage): string {
  const parts = [
    ...(credentials > 0 ? [countOf(credentials, "credential")] : []),
    ...(suppressionLists > 0 ? [countOf(suppressionLists, "suppression list")] : []),
  ];
  return parts.join(" and ");
}
