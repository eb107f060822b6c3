/** Names of properties that hold an instant. */
const timeName = /(?:^at|^until|At|Until|Since)$/;

/** What JSON shows of an instant: ISO 8601, UTC. */
const isoInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

/** Numbers that can only be an instant: seconds or milliseconds since 1970, of the years from 2008 to 2100. */
const isEpochTime = (value: number): boolean =>
  [1, 1000].some((unit) => value >= 1_200_000_000 * unit && value <= 4_102_444_800 * unit);

/** Where a JSON document shows an instant otherwise than as ISO 8601 text, with what stands there. */
export function strayTimes(value: unknown, path = ""): readonly string[] {
  if (typeof value === "number") return isEpochTime(value) ? [`${path}: ${value}`] : [];
  if (Array.isArray(value)) return value.flatMap((item, index) => strayTimes(item, `${path}/${index}`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    const place = `${path}/${name}`;
    const isTime = timeName.test(name) && inner !== null && typeof inner !== "object";
    if (!isTime) return strayTimes(inner, place);
    return typeof inner === "string" && isoInstant.test(inner) ? [] : [`${place}: ${String(inner)}`];
  });
}

/** Properties of a JSON schema, or of schemas in a document, that are named as instants and are something else. */
export function strayTimeSchemas(value: unknown, path = ""): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    const place = `${path}/${name}`;
    const isTime = path.endsWith("/properties") && timeName.test(name);
    return isTime && !isTimeSchema(inner) ? [place] : strayTimeSchemas(inner, place);
  });
}

function isTimeSchema(schema: unknown): boolean {
  if (typeof schema !== "object" || schema === null) return false;
  const { anyOf, type, format } = schema as Readonly<Record<"anyOf" | "type" | "format", unknown>>;
  if (Array.isArray(anyOf)) return anyOf.every((one) => one?.type === "null" || isTimeSchema(one));
  return type === "string" && format === "date-time";
}
