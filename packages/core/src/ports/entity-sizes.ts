import type { FeedName, LinkIds } from "../feeds/feed.js";
import type { TenantScope } from "./tenant.js";

/** How large a landed entity is, and what it refers to. */
export interface EntitySize {
  readonly id: string;
  /** Of its payload as UTF-8. */
  readonly bytes: number;
  /** As it was landed; a storage may leave out links that name nothing. */
  readonly links: LinkIds;
}

/** What entities would weigh in memory, known before any of them is loaded. No payload is read for it. */
export interface EntitySizes {
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
}
