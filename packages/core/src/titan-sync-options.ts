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
import type { RunWorker } from "./ports/sync-run.js";
import type { RecordDefinition } from "./records/definitions/define-record.js";

export interface TitanSyncOptions {
  /**
   * Where all data is stored: `sqliteStorage()` of `@titan-sync/sqlite`, `postgresStorage()` of `@titan-sync/postgres`,
   * or `memoryStorage()`.
   */
  readonly storage: Storage;
  /** The keys that encrypt secrets: {@link staticKeys}. */
  readonly keys: KeyProvider;
  /** Where records are delivered. */
  readonly sink: RecordSink;
  /**
   * Record types of your own, besides members and invoices: what {@link defineRecord} returned, each with a type and a
   * driver feed that no other has. @defaultValue none
   */
  readonly records?: readonly RecordDefinition[] | undefined;
  /** Returns a company's options. @defaultValue reads the options that `titan.companies` stored */
  readonly company?: CompanyDirectory | undefined;
  /** @defaultValue {@link silentLogger} */
  readonly logger?: Logger | undefined;
  /** Receives every event of every run. */
  readonly progress?: ProgressReporter | readonly ProgressReporter[] | undefined;
  /** Replaces ServiceTitan's hosts, for simulators and proxies. Only loopback addresses may use plain HTTP. */
  readonly endpoints?:
    | { readonly apiUrl?: string | undefined; readonly authUrl?: string | undefined }
    | undefined;
  /** At most this many requests in any rolling second per tenant and app key; the API allows 60. @defaultValue 55 */
  readonly requestsPerSecond?: number | undefined;
  /**
   * Shares the requests per second with other instances, processes and machines: `postgresRateLimitCoordinator()` of
   * `@titan-sync/postgres`, or, on one machine, `sqliteRateLimitCoordinator()` of `@titan-sync/sqlite`.
   * @defaultValue the limit is for this instance only
   */
  readonly rateLimitCoordinator?: RateLimitCoordinator | undefined;
  /** How requests are retried. Its delays also apply to retries of writing a batch to the sink. */
  readonly retry?: Partial<RetryOptions> | undefined;
  /** When a credential's requests are paused because the API does not respond. */
  readonly circuit?: Partial<CircuitOptions> | undefined;
  /**
   * How many requests of one credential may be in progress at once, including those that wait for the rate limit; 1 or
   * more. @defaultValue 32
   */
  readonly maxConcurrentRequests?: number | undefined;
  /** How long a process owns a run without a heartbeat, in milliseconds, 1000 or more. @defaultValue 30000 */
  readonly leaseMs?: number | undefined;
  /**
   * How long one call of the sink may take, in milliseconds, 1000 or more. After that the call's signal is aborted, its
   * transaction, if it has one, is over, and the run fails.
   * @defaultValue 300000 (5 minutes)
   */
  readonly sinkTimeoutMs?: number | undefined;
  /** Records in a batch, from 1 to 10000. @defaultValue 2000 */
  readonly batchSize?: number | undefined;
  /**
   * How many bytes one run may hold in memory, 1 MB or more: pages of all its feeds that were requested and have not
   * landed, and later batches of all its record types that were loaded and have not been delivered. A batch uses up to
   * a quarter, so it has fewer records than {@link TitanSyncOptions.batchSize} if rows are large. A page or record that
   * is larger than the whole limit is processed alone. The heap needs several times as much.
   * @defaultValue 67108864 (64 MB)
   */
  readonly maxBytesInFlight?: number | undefined;
  /**
   * Whether the first load of a large feed reads its list endpoint, many pages in parallel, before its export endpoint.
   * @defaultValue true
   */
  readonly parallelBackfill?: boolean | undefined;
  /**
   * Who this instance is, for runs that it owns: shown in the history, and when it is gone. @defaultValue a random id,
   * the machine's name, the process's id, this package's version
   */
  readonly worker?: Partial<RunWorker> | undefined;
  /** @defaultValue the system clock */
  readonly clock?: Clock | undefined;
  /** @defaultValue the global `fetch` */
  readonly fetch?: typeof fetch | undefined;
  /** Returns a number from 0 (inclusive) to 1 (exclusive), for jitter. @defaultValue Math.random */
  readonly random?: (() => number) | undefined;
  /** @defaultValue crypto.randomUUID */
  readonly newId?: (() => string) | undefined;
}
