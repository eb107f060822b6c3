import type { Request, RequestHandler } from "express";
import { rateLimit, type Store } from "express-rate-limit";
import type { Principal } from "../access/principal.js";
import { ProblemError } from "./problem.js";

/** What is limited: each kind has its own count for each principal. */
export type LimitedKind = "test" | "trigger";

export interface RateLimitOptions {
  /** Connection tests a minute of one principal; each asks ServiceTitan. @defaultValue 10 */
  readonly testsPerMinute?: number | undefined;
  /** Started, canceled and replayed syncs a minute of one principal. @defaultValue 30 */
  readonly triggersPerMinute?: number | undefined;
  /**
   * Returns the counters of a kind, for limits that several processes share; any store of
   * express-rate-limit works.
   * @defaultValue one in memory
   */
  readonly store?: ((kind: LimitedKind) => Store) | undefined;
}

export type RateLimits = Readonly<Record<LimitedKind, RequestHandler>>;

const windowMs = 60_000;

/** @param principalOf - whose request it is, known by then. */
export function createRateLimits(
  { testsPerMinute = 10, triggersPerMinute = 30, store }: RateLimitOptions,
  principalOf: (request: Request) => Principal,
): RateLimits {
  const limit = (kind: LimitedKind, perMinute: number): RequestHandler =>
    rateLimit({
      windowMs,
      limit: perMinute,
      keyGenerator: (request) => principalOf(request).id,
      standardHeaders: "draft-8",
      legacyHeaders: false,
      identifier: kind,
      ...(store !== undefined && { store: store(kind) }),
      handler: (_request, response, next) => {
        const retryAfter = Number(response.getHeader("Retry-After"));
        next(
          new ProblemError("TOO_MANY_REQUESTS", {
            detail: `At most ${perMinute} of these requests per minute.`,
            retryAfterSeconds: Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : windowMs / 1000,
          }),
        );
      },
    });
  return { test: limit("test", testsPerMinute), trigger: limit("trigger", triggersPerMinute) };
}
