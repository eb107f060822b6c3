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
  const given = good(about, `${countOf(keyIds.length, "encryption key")} given; ${currentId} encrypts.`);
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
        `The key ${key.id} is not given, and ${whatIsUnder(key)} cannot be read without it.`,
        'Bring the key back, or give the secrets anew with "titan-sync credential update".',
      ),
    );
}

function unfinished(usage: readonly KeyUsage[], currentId: string): readonly Finding[] {
  return usage
    .filter((key) => key.isKnown && !key.isCurrent && isUsed(key))
    .map((key) =>
      warning(
        about,
        `${whatIsUnder(key)} still under the key ${key.id} instead of ${currentId}.`,
        'Run "titan-sync keys rotate".',
      ),
    );
}

function unused(keyIds: readonly string[], usage: readonly KeyUsage[]): readonly Finding[] {
  const inUse = new Set(usage.filter((key) => key.isCurrent || isUsed(key)).map((key) => key.id));
  return keyIds
    .filter((id) => !inUse.has(id))
    .map((id) => good(about, `Nothing is encrypted with the key ${id} any more: it can be removed.`));
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
