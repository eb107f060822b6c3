/** What a token endpoint answered, as far as it is an OAuth answer. */
export interface TokenAnswer {
  /** JSON for the OAuth library: only the fields that are used, and none of them null. */
  readonly body: string;
  /** The error code of RFC 6749, such as `invalid_client`; `null` of any other answer. */
  readonly error: string | null;
  /** Why there is no usable token; `null` when there is one. */
  readonly fault: string | null;
}

/**
 * Reads the body of a token endpoint's answer, whatever its content type. Fields that are absent, null or of no use
 * where they may be missing count as absent: only the token itself must be there. Nothing of a value gets into a text,
 * but for codes that are words.
 */
export function readTokenAnswer(text: string): TokenAnswer {
  const fields = parseObject(text);
  if (fields === null) return { body: "{}", error: null, fault: "the body is not JSON" };
  const error = wordOf(fields["error"]);
  if (error !== null)
    return { body: JSON.stringify({ error }), error, fault: `the endpoint refused the request (${error})` };
  const { access_token: token, token_type: type = null } = fields;
  const isText = typeof token === "string" && token !== "";
  const seconds = secondsOf(fields["expires_in"]);
  const clean = {
    ...(isText ? { access_token: token } : {}),
    token_type: type ?? "Bearer",
    ...(seconds === null ? {} : { expires_in: seconds }),
  };
  return {
    body: JSON.stringify(clean),
    error: null,
    fault: isText ? faultOfType(type) : "access_token is missing",
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Anything that does not look like a code is not repeated. */
function wordOf(value: unknown): string | null {
  return typeof value === "string" && /^[a-z_]{1,40}$/.test(value) ? value : null;
}

/** A lifetime of zero would cause a token request for each call. */
function secondsOf(value: unknown): number | null {
  const seconds = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof seconds === "number" && Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}

function faultOfType(type: unknown): string | null {
  if (type === null || (typeof type === "string" && type.toLowerCase() === "bearer")) return null;
  const shown = typeof type === "string" && /^[\w-]{1,20}$/.test(type) ? type : "something else";
  return `token_type is ${shown}, not Bearer`;
}
