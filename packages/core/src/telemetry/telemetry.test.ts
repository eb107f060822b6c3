import { metrics, SpanStatusCode, trace } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { createSimulator } from "@titan-sync/simulator";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { generateEncryptionKey } from "../crypto/generate-key.js";
import { staticKeys } from "../crypto/static-keys.js";
import { pathTemplate } from "../http/path-template.js";
import { memorySink } from "../memory/memory-sink.js";
import { memoryStorage } from "../memory/memory-storage.js";
import { createTitanSync } from "../titan-sync.js";

const spans = new InMemorySpanExporter();
let points: InMemoryMetricExporter;
let reader: PeriodicExportingMetricReader;

beforeEach(() => {
  points = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  reader = new PeriodicExportingMetricReader({ exporter: points });
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }),
  );
});
afterEach(async () => {
  await reader.shutdown();
  spans.reset();
  metrics.disable();
  trace.disable();
});

/** Every point of every metric, as `name{attributes}` with its value, or how many values of a histogram. */
async function readMetrics(): Promise<ReadonlyMap<string, number>> {
  await reader.forceFlush();
  const found = points
    .getMetrics()
    .flatMap((resource) => resource.scopeMetrics)
    .flatMap((scope) => scope.metrics)
    .flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }): [string, number] => {
        const name = `${descriptor.name}${JSON.stringify(attributes)}`;
        return [name, typeof value === "number" ? value : value.count];
      }),
    );
  return new Map(found);
}

async function syncOnce() {
  const simulator = createSimulator({ tenants: [{ customers: 30, invoices: 0 }] });
  const [tenant] = simulator.tenants;
  if (tenant === undefined) throw new Error("The simulator has no tenant.");
  const titan = createTitanSync({
    storage: memoryStorage(),
    keys: staticKeys(generateEncryptionKey()),
    sink: memorySink(),
    company: async () => ({ trade: "HVAC", importId: 7, timeZone: "America/Chicago" }),
    endpoints: { apiUrl: "http://127.0.0.1:1", authUrl: "http://127.0.0.1:1" },
    fetch: (input, init) => simulator.handle(new Request(input, init)),
    retry: { firstDelayMs: 1, maxDelayMs: 2 },
  });
  const { id } = await titan.credentials.create({ companyId: "acme", ...tenant });
  simulator.faults.inject({
    endpoint: "export",
    feed: "customers",
    times: 1,
    effect: { kind: "status", status: 503 },
  });
  simulator.faults.inject({ feed: "memberships", times: 1, effect: { kind: "throttle", seconds: 1 } });
  const sync = async (dryRun: boolean) => {
    const run = await titan.sync({ credentialId: id, data: "customers", dryRun });
    return await run.result;
  };
  return { tenant, titan, sync };
}

describe("what a sync reports to OpenTelemetry", () => {
  it("is a span for each request, by its path without ids", async () => {
    const { sync } = await syncOnce();
    await sync(false);

    const all = spans.getFinishedSpans();
    const failed = all.find((span) => span.attributes["http.response.status_code"] === 503);
    const template = "crm/v2/tenant/{tenant}/export/customers";
    expect(failed).toMatchObject({
      name: `GET ${template}`,
      attributes: {
        "http.request.method": "GET",
        "url.template": template,
        "error.type": "API_UNAVAILABLE",
        "titan_sync.attempt": 1,
      },
      status: { code: SpanStatusCode.ERROR },
    });
    const repeated = all.find((span) => span.attributes["titan_sync.attempt"] === 2);
    expect(repeated).toMatchObject({
      name: failed?.name,
      attributes: { "http.response.status_code": 200 },
      status: { code: SpanStatusCode.UNSET },
    });
  });

  it("is the number of requests, rows and records, and the duration", async () => {
    const { sync } = await syncOnce();
    const { ledger, api } = await sync(false);
    const found = await readMetrics();
    const total = (name: string) =>
      [...found].filter(([key]) => key.startsWith(name)).reduce((sum, [, value]) => sum + value, 0);

    expect(total("titan_sync.api.request.duration")).toBeGreaterThanOrEqual(api.requests);
    expect(total("titan_sync.limiter.wait")).toBe(total("titan_sync.api.request.duration"));
    expect(total("titan_sync.api.throttled")).toBe(1);
    expect(total("titan_sync.api.retries")).toBe(1);
    expect(found.get('titan_sync.rows{"titan_sync.feed":"customers","titan_sync.outcome":"landed"}')).toBe(
      30,
    );
    expect(
      found.get('titan_sync.records{"titan_sync.record":"member","titan_sync.outcome":"delivered"}'),
    ).toBe(ledger.successful);
    expect(total("titan_sync.records")).toBe(ledger.processed);
    expect(found.get('titan_sync.run.duration{"titan_sync.status":"completed"}')).toBe(1);
  });

  it("does not include what a dry run would do", async () => {
    const { sync } = await syncOnce();
    await sync(true);
    const names = [...(await readMetrics()).keys()].map((key) => key.replace(/\{.*/, ""));
    expect(names).toContain("titan_sync.api.request.duration");
    expect(names).not.toContain("titan_sync.records");
    expect(names).not.toContain("titan_sync.run.duration");
  });

  it("contains no secret, tenant or customer", async () => {
    const { sync, tenant } = await syncOnce();
    await sync(false);
    const told = [
      ...spans.getFinishedSpans().map(({ name, attributes, events }) => ({ name, attributes, events })),
      ...(await readMetrics()).keys(),
    ];
    const text = JSON.stringify(told);
    for (const value of [tenant.tenantId, tenant.clientId, tenant.clientSecret, tenant.appKey, "acme"]) {
      expect(text).not.toContain(value);
    }
    expect(text).not.toMatch(/bearer|eyJ|pageSize|includeRecentChanges/i);
  });
});

it("a path's template names neither the tenant nor ids", () => {
  expect(pathTemplate("crm/v2/tenant/1001/customers/42/contacts")).toBe(
    "crm/v2/tenant/{tenant}/customers/{id}/contacts",
  );
});
