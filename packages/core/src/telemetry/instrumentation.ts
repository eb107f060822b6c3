import { type Meter, metrics, type Tracer, trace } from "@opentelemetry/api";

/** The instrumentation scope of this library's spans and metrics. */
const scope = "@titan-sync/core";

/**
 * The host's tracer, or one that does nothing. Also one that was asked for before the host registered its own
 * follows it.
 */
export const tracer = (): Tracer => trace.getTracer(scope);

/** The host's meter, or one that does nothing: a host registers its own first. */
export const meter = (): Meter => metrics.getMeter(scope);
