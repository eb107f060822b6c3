import type { FeedName } from "../feeds/feed.js";
import type { ConnectionStatus } from "./credential-store.js";
import type { Page, PageRequest } from "./page.js";
import type { StoredRun } from "./sync-run.js";
import type { Environment } from "./tenant.js";

/** How much of one data type a run that ended well has read and delivered. */
export interface TypeCompleteness {
  /**
   * Up to when each feed was read: every change that ServiceTitan made to it before this time, by its clock, is
   * delivered or rejected. Epoch milliseconds. Feeds of which that is not certain are in neither list.
   */
  readonly readUpTo: Readonly<Record<FeedName, number>>;
  /** Feeds that ServiceTitan refuses, or that the company has turned off. */
  readonly missing: readonly FeedName[];
  /** Every feed that the data type is made of. */
  readonly feeds: readonly FeedName[];
}

/** By data type: the name of its driver feed. */
export type Completeness = Readonly<Record<FeedName, TypeCompleteness>>;

/** How fresh one data type of a credential is. */
export interface DataFreshness {
  /**
   * Every change that ServiceTitan made before this time, by its clock, is delivered or rejected, except changes of
   * `missing` feeds and entities that vanished without a change, which only a full pass finds. Epoch milliseconds; never
   * goes back for a tenant. `null` until it is known.
   */
  readonly freshAsOf: number | null;
  /** The feeds that are complete up to `freshAsOf`. */
  readonly feeds: readonly FeedName[];
  /** The feeds that are not: ServiceTitan refuses them, the company has turned them off, or they were not yet read. */
  readonly missing: readonly FeedName[];
  /**
   * Feeds of which the last run could not tell whether it had read them to their end, although it completed: ServiceTitan
   * sent a page twice. They hold `freshAsOf` back. Absent if there are none.
   */
  readonly uncertain?: readonly FeedName[] | undefined;
  /** When the last run of this data type that completed, maybe partially, started and ended. Epoch milliseconds. */
  readonly lastGoodStartedAt: number;
  readonly lastGoodEndedAt: number;
}

/** A run that ended, as a credential's state keeps it. */
export interface EndedRun {
  readonly runId: string;
  readonly status: "completed" | "partial" | "failed";
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** The code of its error; `null` if it had none. */
  readonly errorCode: string | null;
}

/**
 * What the runs of a credential left behind for its present tenant. Only runs that follow the feeds count: not those of
 * a range, nor dry runs, nor those that only derive or replay. Canceled and superseded runs do not count either.
 */
export interface RunsState {
  /** By data type: the name of its driver feed. */
  readonly data: Readonly<Record<FeedName, DataFreshness>>;
  /** The last run that ended. */
  readonly last: EndedRun | null;
  /** The last run that completed, maybe partially. */
  readonly lastGood: EndedRun | null;
  /**
   * When the last full pass that completed, maybe partially, started, or the first load, which reads everything too.
   * Epoch milliseconds; `null` before.
   */
  readonly lastFullStartedAt: number | null;
  /** Failed runs since the last one that completed. */
  readonly failures: number;
  /** When the first of them ended, in epoch milliseconds. */
  readonly failingSince: number | null;
  /** When the first partial run ended since the last one that was complete, in epoch milliseconds. */
  readonly degradedSince: number | null;
}

/** Why a credential starts no runs by itself. */
export interface CredentialPause {
  readonly reason: string;
  /** Who paused it. */
  readonly actor: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** When it ends by itself, in epoch milliseconds; `null` if a person has to resume it. */
  readonly until: number | null;
}

/** Everything that is stored of a credential's state. */
export interface StoredCredentialState {
  readonly credentialId: string;
  readonly companyId: string;
  readonly environment: Environment;
  readonly tenantId: string;
  readonly connection: ConnectionStatus;
  readonly runs: RunsState;
  /** As it was stored; it may have ended by itself. */
  readonly pause: CredentialPause | null;
  /** When the last pause that a person ended began and ended, in epoch milliseconds. */
  readonly lastPausedAt: number | null;
  readonly resumedAt: number | null;
  /** The run that is in progress, lost or paused. */
  readonly current: StoredRun | null;
}

export interface CredentialStateFilter {
  readonly companyId?: string | undefined;
  /** Filters by these companies; an empty list matches nothing. */
  readonly companyIds?: readonly string[] | undefined;
  readonly environment?: Environment | undefined;
}

/**
 * Keeps one row of state for each credential, written by the runs themselves in the transactions that end them, so that
 * nobody counts over history. Removed with the credential.
 */
export interface CredentialStateStore {
  /** `null` for an unknown credential. */
  findCredentialState(credentialId: string): Promise<StoredCredentialState | null>;
  /**
   * The stalest first: credentials without a `freshAsOf`, then by the oldest of their data types, then by id. Every part
   * of the filter must hold.
   */
  listCredentialStates(
    filter: CredentialStateFilter,
    page: PageRequest,
  ): Promise<Page<StoredCredentialState>>;
  /**
   * Stores a pause that begins now, in place of an earlier one.
   * @returns `null` for an unknown credential.
   */
  pauseCredential(params: {
    readonly credentialId: string;
    readonly reason: string;
    readonly actor: string;
    readonly until: number | null;
  }): Promise<CredentialPause | null>;
  /**
   * Ends a pause, now.
   * @returns the pause; `null` if the credential is unknown or has none.
   */
  resumeCredential(credentialId: string): Promise<CredentialPause | null>;
}
