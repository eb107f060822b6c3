import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { strayTimeSchemas, strayTimes } from "../../../test/json/times.js";
import { createDocumentChecker } from "./__fixtures__/document-checker.js";
import { type Host, type Person, people, type SentRequest, startHost } from "./__fixtures__/host.js";
import { type Population, populate } from "./__fixtures__/populate.js";
import { readEvents } from "./__fixtures__/read-events.js";
import { type Access, accessTable, type Operation } from "./access/access-table.js";
import { isPermitted } from "./access/principal.js";
import { buildDocument, type OpenApiDocument } from "./openapi/build-document.js";
import { pages } from "./pages/pages.js";
import { routes } from "./routes/routes.js";

const check = createDocumentChecker();

let host: Host | null = null;

afterEach(async () => {
  await host?.[Symbol.asyncDispose]();
  host = null;
});

/** What makes a good request of an operation; most need nothing. */
const bodies: Partial<Record<Operation, (host: Host) => unknown>> = {
  createCredential: ({ tenant }) => ({ companyId: "acme", ...valuesOf(tenant), environment: "integration" }),
  testCredentialValues: ({ tenant }) => ({ companyId: "acme", ...valuesOf(tenant) }),
  updateCredential: ({ tenant }) => ({ clientSecret: tenant.clientSecret }),
  testCredential: () => ({}),
  triggerSync: () => ({ data: "customers" }),
  replayRejections: () => ({}),
  dismissRejections: () => ({ ids: ["0"] }),
  changeSchedules: () => ({ changes: { data: "customers" } }),
  pauseCredential: () => ({ reason: "moving offices" }),
  saveSchedule: () => ({ cron: "@daily" }),
};

function valuesOf({ tenantId, environment, clientId, clientSecret, appKey }: Host["tenant"]) {
  return { tenantId, environment, clientId, clientSecret, appKey };
}

interface Answered {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  readonly bodies: readonly unknown[];
}

async function answered(response: Response): Promise<Answered> {
  const contentType = response.headers.get("content-type") ?? "";
  const { status } = response;
  if (contentType.startsWith("text/event-stream")) {
    const events: unknown[] = [];
    for await (const event of readEvents(response)) {
      events.push(event.data);
      if (event.event === "run:end") break;
    }
    return { status, contentType, text: JSON.stringify(events), bodies: events };
  }
  const text = await response.text();
  return { status, contentType, text, bodies: text === "" ? [] : [JSON.parse(text)] };
}

function pathFor(
  template: string,
  { credentialId, runId }: Pick<Population, "credentialId" | "runId">,
): string {
  return template.replace("{credentialId}", credentialId).replace("{runId}", runId);
}

/** Operations on what others need go last. */
const inOrder = [...routes].sort(
  (left, right) =>
    Number(left.operation === "removeCredential") - Number(right.operation === "removeCredential"),
);

async function request(
  on: Host,
  route: (typeof routes)[number],
  ids: Pick<Population, "credentialId" | "runId">,
  as: Person | null,
): Promise<Response> {
  const body = bodies[route.operation]?.(on);
  const sent: SentRequest = { as, method: route.method.toUpperCase(), ...(body !== undefined && { body }) };
  const query = route.operation === "removeCredential" ? "?force=true" : "";
  return await on.send(`${pathFor(route.path, ids)}${query}`, sent);
}

/** The statuses that an operation may be answered with when a person makes a good request about company `acme`. */
function allowedStatuses(route: (typeof routes)[number], person: Person | null): readonly number[] {
  const access: Access = accessTable[route.operation];
  const good = Object.keys(route.answers).map(Number);
  if (access.about === "nothing") return good;
  if (person === null) return [401];
  if (access.about === "companies") {
    const own = person === "foreigner" ? "globex" : "acme";
    return isPermitted({ id: person, ...people[person] }, own, access.permission) ? good : [403];
  }
  const principal = { id: person, ...people[person] };
  if (isPermitted(principal, "acme", access.permission)) return good;
  return isPermitted(principal, "acme", "view") ? [403] : [404];
}

describe.each(["/", "/api/servicetitan"])("mounted at %s", (mountPath) => {
  it.each([null, ...(Object.keys(people) as Person[])])(
    "answers %s in every route as documented, and with no secret",
    async (person) => {
      host = await startHost({ mountPath });
      const population = await populate(host);
      await host.titan.schedules.save(population.credentialId, { cron: "@weekly" });
      for (const route of inOrder) {
        // A stream of all events does not end by itself.
        if (route.operation === "streamEvents" && allowedStatuses(route, person).includes(200)) continue;
        if (route.operation === "cancelSync") await startSlowSync(host, population);
        const response = await request(host, route, population, person);
        const answer = await answered(response);
        const place = `${route.operation} as ${person}`;
        expect([place, answer.status]).toEqual([
          place,
          expect.toSatisfy((status) => allowedStatuses(route, person).includes(status)),
        ]);
        for (const body of answer.bodies) expect(check(route, { ...answer, body })).toEqual([]);
        expect(strayTimes(answer.bodies, route.operation)).toEqual([]);
        for (const secret of population.secrets) expect(answer.text).not.toContain(secret);
        if (route.operation !== "listRejections") {
          for (const name of population.customerNames) expect(answer.text).not.toContain(name);
        }
        expect(response.headers.get("x-request-id")).not.toBeNull();
        expect(response.headers.get("x-content-type-options")).toBe("nosniff");
        expect(response.headers.get("access-control-allow-origin")).toBeNull();
        if (person === "foreigner") {
          expect(answer.text).not.toContain("acme");
          expect(answer.text).not.toContain(population.credentialId);
        }
        await settle(host, population);
      }
      const logged = JSON.stringify(host.logger.lines);
      for (const canary of [...population.secrets, ...population.customerNames]) {
        expect(logged).not.toContain(canary);
      }
    },
  );

  it("returns byte for byte the same for another company's ids as for ids that do not exist", async () => {
    host = await startHost({ mountPath });
    const population = await populate(host);
    for (const route of routes) {
      const access: Access = accessTable[route.operation];
      if (access.about !== "credential" && access.about !== "run") continue;
      const theirs = await request(host, route, population, "foreigner");
      const unknown = { credentialId: randomUUID(), runId: randomUUID() };
      const nobodys = await request(host, route, unknown, "foreigner");
      expect([route.operation, await theirs.text()]).toEqual([route.operation, await nobodys.text()]);
      expect(comparable(theirs)).toEqual(comparable(nobodys));
      expect(theirs.status).toBe(404);
    }
  });
});

function comparable(response: Response): Record<string, string> {
  const { "x-request-id": _id, date: _date, ...headers } = Object.fromEntries(response.headers);
  return { ...headers, status: String(response.status) };
}

/** Leaves a run in progress, which whoever may can cancel. */
async function startSlowSync(
  { router: _router, send, simulator }: Host,
  { credentialId }: Population,
): Promise<void> {
  simulator.faults.inject({ effect: { kind: "latency", ms: 5_000 }, probability: 1 });
  const started = await send(`/credentials/${credentialId}/sync`, {
    as: "operator",
    method: "POST",
    body: {},
  });
  expect(started.status).toBe(202);
}

/** Nothing of one operation may be in the way of the next. */
async function settle({ send, simulator, titan }: Host, { credentialId }: Population): Promise<void> {
  simulator.faults.clear();
  for (;;) {
    const current = await titan.runs.findCurrent(credentialId);
    if (current === null) return;
    await send(`/credentials/${credentialId}/sync/current`, { as: "operator", method: "DELETE" });
  }
}

describe("a document of the API", () => {
  it("has an operation, or the router a page, for every line of the access table, and vice versa", () => {
    const served = [...routes, ...Object.values(pages)].map(({ operation }) => operation);
    expect(served.sort()).toEqual(Object.keys(accessTable).sort());
  });

  it("shows every instant as ISO 8601 text, including those of events", () => {
    expect(strayTimeSchemas(buildDocument(""))).toEqual([]);
  });

  it("is served with the path that clients use", async () => {
    host = await startHost({ mountPath: "/api/servicetitan" });
    const document = (await (await host.send("/openapi.json", { as: null })).json()) as OpenApiDocument;
    expect(document.openapi).toBe("3.1.0");
    expect(document.servers).toEqual([{ url: "/api/servicetitan" }]);
    expect(Object.keys(document.paths ?? {}).length).toBe(new Set(routes.map((route) => route.path)).size);
  });
});
