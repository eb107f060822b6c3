import type { FeedName, LinkIds } from "../feeds/feed.js";
import type { TenantScope } from "./tenant.js";

export interface LandedEntity {
  readonly id: string;
  readonly payload: string;
  /** Whether it has vanished from ServiceTitan. */
  readonly removed: boolean;
}

/** The size of a landed entity, and the entities it refers to. */
export interface EntitySize {
  readonly id: string;
  /** The length of its payload in UTF-8. */
  readonly bytes: number;
  /** As they landed; a storage may leave out links without a target. */
  readonly links: LinkIds;
}

/** The result of one step of counting a feed's entities. */
export interface EntityCount {
  readonly live: number;
  /** Vanished from ServiceTitan. */
  readonly removed: number;
  /** Entities that landed at or after the given time, removed ones included. */
  readonly landedSince: number;
  /** The highest id that was counted; `null` if none was left. */
  readonly last: string | null;
}

/** Finds landed entities by id or link, measures and counts them. Only reads; each call is one bounded step. */
export interface EntityStore {
  /** Unknown ids are left out. */
  findEntities(params: {
    readonly scope: TenantScope;
    readonly feed: FeedName;
    readonly ids: readonly string[];
  }): Promise<readonly LandedEntity[]>;
  /** Entities of `feed` whose link with this name points to one of `ids`. Removed ones are left out. */
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
  /** Sizes of entities of `feed` whose link with this name points to one of `ids`. Removed ones are left out. */
  findEntitySizesByLink(params: {
    readonly scope: TenantScope;
    readonly feed: FeedName;
    readonly link: string;
    readonly ids: readonly string[];
  }): Promise<readonly EntitySize[]>;
  /** Up to `limit` ids of landed entities above `after`, ascending as numbers, removed entities included. */
  listEntityIds(params: {
    readonly scope: TenantScope;
    readonly feed: FeedName;
    /** `null` starts with the lowest id. */
    readonly after: string | null;
    readonly limit: number;
  }): Promise<readonly { readonly id: string; readonly removed: boolean }[]>;
  /** Counts up to `limit` landed entities with an id above `after`, ascending by id as a number. */
  countEntities(params: {
    readonly scope: TenantScope;
    readonly feed: FeedName;
    /** `null` starts with the lowest id. */
    readonly after: string | null;
    readonly limit: number;
    /** Epoch milliseconds. */
    readonly since: number;
  }): Promise<EntityCount>;
  /** Whether any landed entity of this tenant is stored. */
  hasLandedData(scope: TenantScope): Promise<boolean>;
}
