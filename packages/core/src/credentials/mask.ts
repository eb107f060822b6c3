const knownPrefix = /^(?:cid|cs\d|ak\d)\./;
const shownCharacters = 4;
/** Below this, four characters would be too large a part of the secret. */
const shortestShown = 16;

/** What may be shown of a secret: its kind and its end, such as `cid.…k3f9`; of a short one nothing. */
export function maskSecret(value: string): string {
  const prefix = knownPrefix.exec(value)?.[0] ?? "";
  const rest = value.slice(prefix.length);
  return rest.length < shortestShown ? "…" : `${prefix}…${rest.slice(-shownCharacters)}`;
}
