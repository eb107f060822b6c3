import fc from "fast-check";
import { routes } from "../routes/routes.js";
import { people } from "./host.js";

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface KnownIds {
  readonly credentialIds: readonly string[];
  readonly runIds: readonly string[];
}

const oddText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ maxLength: 12 }),
  fc.constantFrom(
    "",
    "\u0000",
    "../..",
    "%00",
    "' OR 1=1 --",
    "𝕊\ud800",
    "x".repeat(3000),
    "constructor",
    "__proto__",
  ),
);

/** Percent-encoded as it should be, or not at all. */
const inPath = (known: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...known) },
    { weight: 2, arbitrary: oddText.map((text) => encodeURIComponent(text.toWellFormed()) || "%20") },
    { weight: 1, arbitrary: fc.constantFrom("%", "%zz", "%E0%A4%A", "%00", "%2e%2e%2f", "a%2Fb", "%c3%28") },
  );

const parameters = [
  "limit",
  "cursor",
  "companyId",
  "environment",
  "status",
  "type",
  "data",
  "from",
  "to",
  "stage",
  "force",
];

const forgedCursor = fc
  .array(
    fc.oneof(oddText, fc.constantFrom("runs", "credentials", "audit", "rejections", "999999999999999999")),
  )
  .map((parts) => Buffer.from(JSON.stringify(parts)).toString("base64url"));

const parameterValue = fc.oneof(
  oddText,
  forgedCursor,
  fc.integer().map(String),
  fc.constantFrom(
    "acme",
    "globex",
    "production",
    "running",
    "manual",
    "both",
    "2026-01-31",
    "9999-12-31T23:59:59Z",
  ),
);

const query = fc
  .array(fc.tuple(fc.oneof(fc.constantFrom(...parameters), oddText), parameterValue), { maxLength: 4 })
  .map((pairs) =>
    new URLSearchParams(
      pairs.map(([name, value]): [string, string] => [name, value.toWellFormed()]),
    ).toString(),
  );

const fields = [
  "companyId",
  "tenantId",
  "environment",
  "clientId",
  "clientSecret",
  "appKey",
  "test",
  "data",
  "mode",
  "fresh",
  "rederive",
  "from",
  "to",
  "by",
  "allowRemovals",
  "dryRun",
  "cron",
  "timeZone",
  "quietDays",
  "enabled",
];

const fieldValue: fc.Arbitrary<unknown> = fc.oneof(
  oddText,
  fc.boolean(),
  fc.double(),
  fc.constantFrom(
    null,
    "acme",
    "globex",
    "production",
    "integration",
    "12345",
    "both",
    "full",
    "2025-01-01",
    "created",
  ),
  fc.constantFrom("* * * * *", "0 0 31 2 *", "@daily", "UTC", "Mars/Olympus", [], {}, ["2026-02-30"]),
);

const object = fc.dictionary(
  fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...fields) }, { weight: 1, arbitrary: oddText }),
  fieldValue,
  {
    maxKeys: 8,
  },
);

/** Nothing wrong with these, where they are asked for. */
const goodBody = fc.constantFrom("{}", '{"data":"customers"}', '{"dryRun":true}', '{"cron":"@daily"}');

const body: fc.Arbitrary<string | null> = fc.oneof(
  { weight: 4, arbitrary: goodBody },
  { weight: 6, arbitrary: object.map((value) => JSON.stringify(value)) },
  { weight: 2, arbitrary: fc.json() },
  { weight: 1, arbitrary: oddText },
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 5000 }).map((depth) => "[".repeat(depth)) },
  { weight: 1, arbitrary: fc.constant('{"__proto__":{"companyId":"acme"},"constructor":1}') },
);

/** Headers hold one byte a character, and no line breaks. */
const headerText = fc.oneof(
  fc.string({
    unit: fc
      .integer({ min: 0x20, max: 0xff })
      .filter((code) => code !== 0x7f)
      .map((code) => String.fromCharCode(code)),
    maxLength: 60,
  }),
  fc.constantFrom('"1"', '"0"', "*", "end", "application/json", "monday", "null", "https://evil.example"),
);

const headers = fc
  .dictionary(
    fc.constantFrom(
      "content-type",
      "content-encoding",
      "if-match",
      "if-none-match",
      "idempotency-key",
      "last-event-id",
      "origin",
      "sec-fetch-site",
      "cookie",
      "accept",
      "x-forwarded-host",
    ),
    headerText,
    { maxKeys: 3 },
  )
  .map((given) => Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value.trim()])));

/** Mostly a request to a path that exists, with something wrong about it; now and then a good one. */
export function arbitraryRequest(known: KnownIds): fc.Arbitrary<WireRequest> {
  const paths = routes.map((route) => ({ path: route.path, method: route.method.toUpperCase() }));
  const method = fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS");
  return fc
    .record({
      route: fc.constantFrom(...paths),
      otherMethod: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: method }),
      credentialId: inPath(known.credentialIds),
      runId: inPath(known.runIds),
      query: fc.oneof(fc.constant(""), query),
      as: fc.option(fc.constantFrom(...Object.keys(people)), { freq: 8 }),
      isJson: fc.integer({ min: 0, max: 9 }).map((chance) => chance > 0),
      headers,
      body,
    })
    .map(
      ({
        route,
        otherMethod,
        credentialId,
        runId,
        query: asked,
        as,
        isJson,
        headers: given,
        body: sent,
      }) => ({
        method: otherMethod ?? route.method,
        path: `${route.path.replace("{credentialId}", credentialId).replace("{runId}", runId)}${asked === "" ? "" : `?${asked}`}`,
        headers: {
          ...given,
          ...(isJson && { "content-type": "application/json" }),
          ...(as !== null && { "x-user": as }),
        },
        body: sent,
      }),
    );
}
