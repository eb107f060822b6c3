import type { Clock, Logger, RunDispatcher, TitanSync } from "@titan-sync/core";
import type { Authorize } from "./access/authorizer.js";
import type { RateLimitOptions } from "./http/rate-limits.js";
import type { Authenticate } from "./http/serve-route.js";
import type { DashboardOptions } from "./pages/dashboard-directory.js";

export interface CorsOptions {
  /** Such as `https://app.example.com`. Their pages may also send cookies. */
  readonly origins: readonly string[];
}

export interface TitanSyncRouterOptions {
  /** The instance to serve. The host closes it. */
  readonly titan: Pick<
    TitanSync,
    "credentials" | "status" | "schedules" | "runs" | "rejections" | "audit" | "sync"
  >;
  /**
   * Returns who makes a request, from the host's own sign-in; `null` if nobody is signed in. Called again
   * with every heartbeat of an event stream. Without it, every request is refused.
   */
  readonly authenticate?: Authenticate | undefined;
  /** Decides instead of the permissions that `authenticate` returned. */
  readonly authorize?: Authorize | undefined;
  /** Also record granted access in the audit log, not only denied access. @defaultValue false */
  readonly auditGrants?: boolean | undefined;
  /**
   * The path under which clients reach the router, where a proxy hides it.
   * @defaultValue where the router is mounted
   */
  readonly basePath?: string | undefined;
  /** A dashboard to serve under `/ui/`. @defaultValue none */
  readonly dashboard?: DashboardOptions | undefined;
  /** How often one principal may test and trigger. */
  readonly rateLimits?: RateLimitOptions | undefined;
  /** Which pages of other origins may use the router. @defaultValue none */
  readonly cors?: CorsOptions | undefined;
  /** Where triggered syncs are executed. @defaultValue `inProcessDispatcher(titan)`, closed with the router */
  readonly dispatcher?: RunDispatcher | undefined;
  /** How often streams of events show signs of life and are checked for permission, in milliseconds. @defaultValue 15000 */
  readonly heartbeatMs?: number | undefined;
  /**
   * How often runs of other processes are polled while somebody reads events, in milliseconds.
   * @defaultValue 1000
   */
  readonly pollMs?: number | undefined;
  /** @defaultValue `silentLogger` */
  readonly logger?: Logger | undefined;
  /** @defaultValue the machine's */
  readonly clock?: Clock | undefined;
  /** @defaultValue crypto.randomUUID */
  readonly newId?: (() => string) | undefined;
}
