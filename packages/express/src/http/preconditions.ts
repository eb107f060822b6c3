import { ProblemError } from "./problem.js";

/** The entity tag of a version. */
export const etagOf = (version: number): string => `"${version}"`;

/**
 * The version that `If-Match` asks for; `null` when it asks for none, or for any.
 * @throws {@link ProblemError} when it can be no version of ours.
 */
export function expectedVersion(ifMatch: string | undefined): number | null {
  if (ifMatch === undefined || ifMatch.trim() === "*") return null;
  const [, version] = /^"(\d{1,9})"$/.exec(ifMatch.trim()) ?? [];
  if (version === undefined) throw new ProblemError("VERSION_CHANGED");
  return Number(version);
}
