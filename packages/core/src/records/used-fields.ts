import type { FeedName } from "../feeds/feed.js";
import type { PathStep } from "./column-path.js";
import { type CustomColumns, columnsFor } from "./custom-columns.js";
import type { RecordCatalog } from "./definitions/catalog.js";

/** A field of a feed's rows that records are made of, or that landing and erasing need. */
export interface UsedField {
  readonly feed: FeedName;
  /** Its name when a company accepts its absence: `address.zip`. */
  readonly path: string;
  /** The object that contains it; `null` on a row's first level. */
  readonly parent: string | null;
  readonly name: string;
  /** The columns that are made from it; may be empty. */
  readonly columns: readonly string[];
  /**
   * Whether records depend on it and ServiceTitan documents it for every row, so that its absence is drift.
   */
  readonly isAlways: boolean;
}

/**
 * The fields of a feed that the records of a company use: those that the maps read, and those on the paths of its
 * own columns. What a function of a mapping reads cannot be known.
 *
 * @param accepted - Fields whose absence the company accepts, as `feed.path`.
 */
export function usedFieldsOf(
  { plans, feeds, fields }: RecordCatalog,
  feed: FeedName,
  columns: CustomColumns,
  accepted: readonly string[] = [],
): readonly UsedField[] {
  const found = new Map<string, Set<string>>(
    [...(fields.get(feed) ?? [])].map(([path, own]) => [path, new Set(own)]),
  );
  for (const { name, paths } of mappedPaths(plans, feed, columns)) {
    for (const path of paths) found.set(path, (found.get(path) ?? new Set()).add(name));
  }
  const always = feeds.get(feed)?.fields.always ?? [];
  return [...found]
    .filter(([path]) => !isAccepted(`${feed}.${path}`, accepted))
    .map(([path, own]) => {
      const [first = "", second] = path.split(".");
      return {
        feed,
        path,
        parent: second === undefined ? null : first,
        name: second ?? first,
        columns: [...own],
        isAlways: second === undefined && (own.size > 0 || path === "active") && always.includes(path),
      };
    });
}

/** Accepting that an object is absent includes its fields. */
function isAccepted(path: string, accepted: readonly string[]): boolean {
  return accepted.some((each) => path === each || path.startsWith(`${each}.`));
}

/** The fields of a feed on the paths of a company's own columns, within a row's first two levels. */
function mappedPaths(plans: RecordCatalog["plans"], feed: FeedName, columns: CustomColumns) {
  return plans.flatMap(({ record, roots }) =>
    columnsFor(columns, record).flatMap(({ name, source }) => {
      if (typeof source === "function") return [];
      const [root, ...steps] = source;
      if (root?.kind !== "field" || roots[root.name]?.feed.name !== feed) return [];
      return [{ name, paths: pathsAlong(steps) }];
    }),
  );
}

function pathsAlong(steps: readonly PathStep[]): readonly string[] {
  const chosen = steps[0]?.kind === "where" ? [steps[0].field] : [];
  const [first, second] = steps[0]?.kind === "field" ? steps : steps.slice(1);
  if (first?.kind !== "field") return chosen;
  const inner = second?.kind === "field" ? [`${first.name}.${second.name}`] : [];
  return [...chosen, first.name, ...inner];
}
