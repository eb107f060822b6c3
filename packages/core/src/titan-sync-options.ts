import type { CircuitOptions } from "./http/circuit.js";
import type { RetryOptions } from "./http/policy.js";
import type { Clock } from "./ports/clock.js";
import type { CompanyDirectory } from "./ports/company-directory.js";
import type { KeyProvider } from "./ports/encryptor.js";
import type { Logger } from "./ports/logger.js";
import type { ProgressReporter } from "./ports/progress-reporter.js";
import type { RateLimitCoordinator } from "./ports/rate-limit-coordinator.js";
import type { RecordSink } from "./ports/record-sink.js";
import type { Storage } from "./ports/storage.js";

export interface TitanSyncOptions {
  /** Where everything is kept: `memoryStorage()`, or `postgresStorage()` of `@titan-sync/postgres`. */
  readonly storage: Storage;
  /** The keys that encrypt secrets: {@link staticKeys}. */
  readonly keys: KeyProvider;
  /** Where records go. */
  readonly sink: RecordSink;
  /** What a company is. @defaultValue the storage's own list, filled by `titan.companies` */
  readonly company?: CompanyDirectory | undefined;
  /** @defaultValue {@link silentLogger} */
  readonly logger?: Logger | undefined;
  /** Told of every event of every run. */
  readonly progress?: ProgressReporter | readonly ProgressReporter[] | undefined;
  /** Replace ServiceTitan's hosts, for simulators and proxies. Plain http only to loopback addresses. */
  readonly endpoints?:
    | { readonly apiUrl?: string | undefined; readonly authUrl?: string | undefined }
    | undefined;
  /** At most this many requests in any rolling second per tenant and app key; the API allows 60. @defaultValue 55 */
  readonly requestsPerSecond?: number | undefined;
  /**
   * Shares the requests per second with other instances, processes and machines: `postgresRateLimitCoordinator()`
   * of `@titan-sync/postgres`. @defaultValue this instance has them alone
   */
  readonly rateLimitCoordinator?: RateLimitCoordinator | undefined;
  /** How requests are repeated; its delays are also those between attempts at writing a batch to the sink. */
  readonly retry?: Partial<RetryOptions> | undefined;
  /** When requests of a credential are paused because the API does not answer. */
  readonly circuit?: Partial<CircuitOptions> | undefined;
  /** Requests of one credential under way at once, those that wait for their slots included, from 1. @defaultValue 32 */
  readonly maxConcurrentRequests?: number | undefined;
  /** How long a run stays its owner's without a heartbeat, in milliseconds, 1000 or more. @defaultValue 30000 */
  readonly leaseMs?: number | undefined;
  /**
   * How long one call of the sink may take, in milliseconds, 1000 or more. A sink that has not answered by then is left
   * behind: its signal is aborted, a transaction that it was given is over, and the run fails.
   * @defaultValue 300000 (5 minutes)
   */
  readonly sinkTimeoutMs?: number | undefined;
  /** Records in a batch, from 1 to 10000. @defaultValue 2000 */
  readonly batchSize?: number | undefined;
  /**
   * Bytes that one run may have under way, 1 MB or more: pages that it has asked for and not yet landed, over all its
   * feeds, and then batches that it has loaded and not yet delivered, over its record types. A batch takes up to a
   * quarter: it holds fewer records than {@link TitanSyncOptions.batchSize} where rows are large. A page or a record
   * that is larger than all of it passes alone. The heap needs several times as much.
   * @defaultValue 67108864 (64 MB)
   */
  readonly maxBytesInFlight?: number | undefined;
  /**
   * Whether the first load of a large feed reads its list, many pages at once, before it follows the export.
   * @defaultValue true
   */
  readonly parallelBackfill?: boolean | undefined;
  /** @defaultValue the machine's */
  readonly clock?: Clock | undefined;
  /** @defaultValue the global one */
  readonly fetch?: typeof fetch | undefined;
  /** From 0 to below 1, for jitter. @defaultValue Math.random */
  readonly random?: (() => number) | undefined;
  /** @defaultValue crypto.randomUUID */
  readonly newId?: (() => string) | undefined;
}
