import { ConfigError } from "../errors.js";
import type { Feed, FeedName } from "../feeds/feed.js";
import type { RecordCatalog } from "../records/definitions/catalog.js";

/** One cheap call that succeeds only with a certain scope. */
export interface ScopeProbe {
  readonly scope: string;
  /** What cannot be read without the scope. */
  readonly feeds: readonly FeedName[];
  readonly isDriver: boolean;
  /** The API's module and the path after the tenant, for instance `crm` and `customers`. */
  readonly module: string;
  readonly path: string;
}

/**
 * One probe for each scope that a catalog's feeds need; those of the driver feeds first.
 * @param feedsOff - Feeds that are not read.
 */
export function scopeProbes(
  { feeds, drivers }: Pick<RecordCatalog, "feeds" | "drivers">,
  feedsOff: readonly FeedName[] = [],
): readonly [ScopeProbe, ...ScopeProbe[]] {
  const rank = ({ name }: Feed): number => {
    const place = drivers.indexOf(name);
    return place < 0 ? drivers.length : place;
  };
  const probes = new Map<string, ScopeProbe>();
  const read = [...feeds.values()].filter(({ name }) => !feedsOff.includes(name));
  const inOrder = read.toSorted((left, right) => rank(left) - rank(right));
  for (const { scope, name, module, path } of inOrder) {
    const known = probes.get(scope);
    if (known === undefined) {
      probes.set(scope, { scope, feeds: [name], isDriver: drivers.includes(name), module, path });
    } else probes.set(scope, { ...known, feeds: [...known.feeds, name] });
  }
  const [first, ...others] = probes.values();
  if (first === undefined) throw new ConfigError("There is no feed to test.");
  return [first, ...others];
}
