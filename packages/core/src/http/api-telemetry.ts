import { type Attributes, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { meter, tracer } from "../telemetry/instrumentation.js";
import type { RequestReport } from "./api-request.js";
import { pathTemplate } from "./path-template.js";

const secondMs = 1000;
/** In seconds. A page takes from tenths of a second to half a minute. */
const requestBuckets = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const waitBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 60, 600];

/** Tells the host's tracing and metrics what API calls do. Nothing in it is secret or personal. */
export interface ApiTelemetry {
  /** A request is sent. @returns a function to call when it has ended. */
  startRequest(request: Pick<RequestReport, "method" | "path" | "attempt">): (report: RequestReport) => void;
  /** A 429 came. */
  throttled(): void;
  /** A call is retried after a transient failure. */
  repeated(): void;
  /** A request got its slot. */
  waited(ms: number): void;
}

export function createApiTelemetry(): ApiTelemetry {
  const spans = tracer();
  const instruments = meter();
  const duration = instruments.createHistogram("titan_sync.api.request.duration", {
    unit: "s",
    description: "How long requests to the API took, from the slot to the end of the body.",
    advice: { explicitBucketBoundaries: requestBuckets },
  });
  const throttled = instruments.createCounter("titan_sync.api.throttled", {
    unit: "{request}",
    description: "Requests that the API answered with 429.",
  });
  const retries = instruments.createCounter("titan_sync.api.retries", {
    unit: "{request}",
    description: "Retries after a transient failure.",
  });
  const wait = instruments.createHistogram("titan_sync.limiter.wait", {
    unit: "s",
    description: "How long requests waited for a slot of the rate limiter, including pauses.",
    advice: { explicitBucketBoundaries: waitBuckets },
  });

  return {
    startRequest({ method, path, attempt }) {
      const template = pathTemplate(path);
      const what: Attributes = { "http.request.method": method, "url.template": template };
      const span = spans.startSpan(`${method} ${template}`, {
        kind: SpanKind.CLIENT,
        attributes: { ...what, "titan_sync.attempt": attempt },
      });
      return ({ status, durationMs, bytes, code }) => {
        const ending: Attributes = {
          ...(status === null ? {} : { "http.response.status_code": status }),
          ...(code === null ? {} : { "error.type": code }),
        };
        span.setAttributes(ending);
        if (bytes !== null) span.setAttribute("http.response.body.size", bytes);
        if (code !== null) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
        duration.record(durationMs / secondMs, { ...what, ...ending });
      };
    },
    throttled: () => throttled.add(1),
    repeated: () => retries.add(1),
    waited: (ms) => wait.record(ms / secondMs),
  };
}
