/** What is read of a problem document; everything else in it may hold personal data. */
export interface Problem {
  /** For Azure's gateway, which sends no title, the message. */
  readonly title: string | null;
  readonly traceId: string | null;
  /** The parameters or fields that it reports; its text about them may quote their values. */
  readonly fields: readonly string[];
}

const longestTitle = 200;
const maxFields = 10;

/**
 * Reads an error's body, which may as well be HTML, cut, or nothing.
 *
 * @param secrets - What the request carried: should the server quote it, it is hidden.
 */
export function parseProblem(bodyText: string, secrets: readonly string[] = []): Problem {
  const body = parseObject(bodyText);
  const isGateway = body["title"] === undefined && typeof body["statusCode"] === "number";
  const title = textOf(isGateway ? body["message"] : body["title"], secrets);
  const traceId = textOf(body["traceId"], secrets);
  return {
    title: title.trim() === "" ? null : harmless(title),
    traceId: /^[\w:.|-]{1,128}$/.test(traceId) ? traceId : null,
    fields: fieldsOf(body["errors"]),
  };
}

/**
 * Only names, such as `pageSize` or `items[0].id`: if a server puts a value there, it must not get into a
 * log.
 */
function fieldsOf(errors: unknown): readonly string[] {
  if (typeof errors !== "object" || errors === null || Array.isArray(errors)) return [];
  return Object.keys(errors)
    .filter((name) => /^[a-z][\w.[\]$-]{0,59}$/i.test(name) && harmless(name) === name)
    .slice(0, maxFields);
}

function textOf(value: unknown, secrets: readonly string[]): string {
  if (typeof value !== "string") return "";
  return secrets
    .filter((secret) => secret !== "")
    .reduce((text, secret) => text.replaceAll(secret, "[redacted]"), value);
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Titles end up in messages and logs: if a server quotes a header or a token, it must not get there. */
function harmless(title: string): string {
  return title
    .replace(/[^\x20-\x7e]+/g, " ")
    .replace(/\b(?:bearer|basic)\s+\S+/gi, "[redacted]")
    .replace(/\b(?:cid|cs\d|ak\d)\.\S+/gi, "[redacted]")
    .replace(/\S{40,}/g, "[redacted]")
    .replace(/\S+@\S+/g, "[redacted]")
    .trim()
    .slice(0, longestTitle);
}
