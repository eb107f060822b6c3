import type { FeedName, LinkIds } from "../feeds/feed.js";
import type { TenantScope } from "./tenant.js";

export interface LandedEntity {
  readonly id: string;
  readonly payload: string;
  /** Whether it has vanished from ServiceTitan. */
  readonly removed: boolean;
}

/** How large a landed entity is, and what it refers to. */
export interface EntitySize {
  readonly id: string;
  /** Of its payload as UTF-8. */
  readonly bytes: number;
  /** As it was landed; a storage may leave out links that name nothing. */
  readonly links: LinkIds;
}

/** What one step of counting a feed's entities found. */
export interface EntityCount {
  readonly live: number;
  /** Vanished from ServiceTitan. */
  readonly removed: number;
  /** Of all of them, those that landed at the given time or later. */
  readonly landedSince: number;
  /** The highest id that was counted; `null` when there was none left. */
  readonly last: string | null;
}

/** Landed entities: found by id or link, measured, counted. Reads only, each call one bounded step. */
export interface EntityStore {
  /** Unknown ids are left out. */
  findEntities(params: {
    readonly scope: TenantScope;
    readonly feed: FeedName;
    readonly ids: readonly string[];
  }): Promise<readonly LandedEntity[]>;
  /** Entities of `feed` whose link of this name names one of `ids`. Removed ones are left out. */
  findEntitiesByLink(params: {
    readonly scope: TenantScope;
    readonly feed: FeedName;
    readonly link: string;
    readonly ids: readonly string[];
  }): Promise<readonly LandedEntity[]>;
  /** Removed entities included; unknown ids are left out. */
  findEntitySizes(params: {
    readonly scope: TenantScope;
    readonly feed: FeedName;
    readonly ids: readonly string[];
  }): Promise<readonly EntitySize[]>;
  /** Of entities of `feed` whose link of this name names one of `ids`. Removed ones are left out. */
  findEntitySizesByLink(params: {
    readonly scope: TenantScope;
    readonly feed: FeedName;
    readonly link: string;
    readonly ids: readonly string[];
  }): Promise<readonly EntitySize[]>;
  /** Ids of landed entities above `after`, ascending as numbers, removed ones included; at most `limit`. */
  listEntityIds(params: {
    readonly scope: TenantScope;
    readonly feed: FeedName;
    /** `null` begins with the lowest. */
    readonly after: string | null;
    readonly limit: number;
  }): Promise<readonly { readonly id: string; readonly removed: boolean }[]>;
  /** Counts up to `limit` landed entities with an id above `after`, ascending by id as a number. */
  countEntities(params: {
    readonly scope: TenantScope;
    readonly feed: FeedName;
    /** `null` begins with the lowest. */
    readonly after: string | null;
    readonly limit: number;
    /** Epoch milliseconds. */
    readonly since: number;
  }): Promise<EntityCount>;
  /** Whether anything was ever landed for this tenant and is still there. */
  hasLandedData(scope: TenantScope): Promise<boolean>;
}
