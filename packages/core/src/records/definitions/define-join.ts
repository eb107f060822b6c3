import type { z } from "zod";
import type { Feed, FieldPath, RowOf } from "../../feeds/feed.js";

/** An entity, or entities, that a record is made of besides its driver's. */
export interface Relation {
  /**
   * `one`: the entity that a link of `of` names. `many`: every entity of the feed whose link names `of`'s
   * entity, whether or not that one has landed.
   */
  readonly kind: "one" | "many";
  readonly feed: Feed;
  /** The driver, or another relation. If that is a list, so is this one. */
  readonly of: string;
  /** For `one`, the name of a link of `of`'s feed; for `many`, of a link of the relation's own feed. */
  readonly link: string;
  /** Whether to use an entity that ServiceTitan no longer has. */
  readonly includesRemoved: boolean;
}

/** A relation whose names the compiler knows. */
export interface NamedRelation<
  Kind extends Relation["kind"],
  SomeFeed,
  Of extends string,
  Link extends string,
> {
  readonly kind: Kind;
  readonly feed: SomeFeed;
  readonly of: Of;
  readonly link: Link;
  readonly includesRemoved: boolean;
}

/** The entity that the link of `of` names; with a list, the entities, each once. */
export function one<SomeFeed extends Feed, const Of extends string, const Link extends string>(
  feed: SomeFeed,
  { of, link, includesRemoved = false }: { of: Of; link: Link; includesRemoved?: boolean },
): NamedRelation<"one", SomeFeed, Of, Link> {
  return { kind: "one", feed, of, link, includesRemoved };
}

/** The entities whose link names that of `of`. */
export function many<SomeFeed extends Feed, const Of extends string, const Link extends string>(
  feed: SomeFeed,
  { of, link }: { of: Of; link: Link },
): NamedRelation<"many", SomeFeed, Of, Link> {
  return { kind: "many", feed, of, link, includesRemoved: false };
}

/** The relations of a record by name, as {@link one} and {@link many} return them. */
export type NamedRelations = Readonly<Record<string, NamedRelation<Relation["kind"], Feed, string, string>>>;

/** Feeds by the name under which their entities are joined. */
export type FeedsByName<Driver extends Feed, DriverName extends string, Related extends NamedRelations> = {
  readonly [Name in DriverName]: Driver;
} & { readonly [Name in keyof Related]: Related[Name]["feed"] };

/** Names of the links of a feed that point to another. */
export type LinksInto<From, Into> = From extends Feed
  ? Into extends Feed
    ? Extract<From["links"][number], { readonly feed: Into["name"] }>["name"]
    : never
  : never;

/** What a relation has to be: `of` names the driver or a relation, and `link` a link between the two. */
export type CheckedRelations<Names, Related extends NamedRelations> = {
  readonly [Name in keyof Related]: Related[Name]["of"] extends keyof Names
    ? NamedRelation<
        Related[Name]["kind"],
        Related[Name]["feed"],
        Related[Name]["of"],
        Related[Name]["kind"] extends "one"
          ? LinksInto<Names[Related[Name]["of"]], Related[Name]["feed"]>
          : LinksInto<Related[Name]["feed"], Names[Related[Name]["of"]]>
      >
    : NamedRelation<Related[Name]["kind"], Related[Name]["feed"], keyof Names & string, string>;
};

/** What a record type is joined of: the driver's entity and what that is related to. */
export interface RecordJoin<
  Driver extends Feed = Feed,
  DriverName extends string = string,
  Related extends Readonly<Record<string, Relation>> = Readonly<Record<string, Relation>>,
> {
  /** Each of its entities becomes one record. */
  readonly driver: Driver;
  /** The name under which that entity is joined. */
  readonly driverName: DriverName;
  /** Ordered so that each one comes after the one that it is `of`. */
  readonly relations: Related;
  /** An entity chosen from a list, under its own name, for column paths. */
  readonly choices: Readonly<Record<string, keyof Related & string>>;
}

/** A join as it is written down. */
export interface JoinInput<Driver extends Feed, DriverName extends string, Related extends NamedRelations> {
  readonly driver: Driver;
  readonly driverName: DriverName;
  readonly relations: Related & CheckedRelations<FeedsByName<Driver, DriverName, Related>, Related>;
  readonly choices?: Readonly<Record<string, keyof Related & string>>;
}

/**
 * Defines what a record type is joined of. From it come the feeds that a run reads, what a landed change puts on the
 * work queue, the lookups that join entities, and the roots of column paths.
 *
 * A relation that names no link between the two feeds does not compile.
 */
export function defineJoin<
  Driver extends Feed,
  const DriverName extends string,
  const Related extends NamedRelations,
>(join: JoinInput<Driver, DriverName, Related>): RecordJoin<Driver, DriverName, Related> {
  return { choices: {}, ...join };
}

/** Where a column path may begin: under which name whose rows are joined, and whether as a list. */
export function rootsOf(
  join: RecordJoin,
): Readonly<Record<string, { readonly feed: Feed; readonly isList: boolean }>> {
  const { driver, driverName, relations, choices } = join;
  const isList = (name: string): boolean => {
    const relation = relations[name];
    return relation !== undefined && (relation.kind === "many" || isList(relation.of));
  };
  const roots = Object.entries(relations).map(([name, { feed }]) => [name, { feed, isList: isList(name) }]);
  const chosen = Object.entries(choices).map(([name, of]) => [
    name,
    { feed: relations[of]?.feed ?? driver, isList: false },
  ]);
  return Object.fromEntries([[driverName, { feed: driver, isList: false }], ...roots, ...chosen]);
}

/** As joined where nothing is related: lists without entities, and `null` for the rest. */
export function unrelatedIn(join: RecordJoin): Readonly<Record<string, readonly object[] | null>> {
  const roots = rootsOf(join);
  const names = Object.keys(join.relations);
  return Object.fromEntries(names.map((name) => [name, roots[name]?.isList ? [] : null]));
}

/** The joined entities of a record: the driver's own, and under each relation's name what it leads to. */
export type JoinedOf<Join extends RecordJoin> =
  Join extends RecordJoin<infer Driver, infer DriverName, infer Related>
    ? { readonly [Name in DriverName]: RowOf<Driver> } & {
        readonly [Name in keyof Related]: IsList<Related, Name> extends true
          ? readonly RowOf<Related[Name]["feed"]>[]
          : RowOf<Related[Name]["feed"]> | null;
      }
    : never;

/** `many`, or what each of a list names. */
export type IsList<Related extends Readonly<Record<string, Relation>>, Name> = Name extends keyof Related
  ? Related[Name]["kind"] extends "many"
    ? true
    : IsList<Related, Related[Name]["of"]>
  : false;

/** The fields that a record may be made of: each behind the driver's name or a relation's, as in `customer.name`. */
export type FieldsOf<
  Driver extends Feed,
  DriverName extends string,
  Related extends Readonly<Record<string, Relation>>,
> =
  | FieldsAt<DriverName, Driver>
  | { [Name in keyof Related & string]: FieldsAt<Name, Related[Name]["feed"]> }[keyof Related & string];

/** Fields of a feed, each behind the name under which its entities are joined. */
export type FieldsAt<
  Name extends string,
  SomeFeed extends Feed,
> = `${Name}.${FieldPath<z.infer<SomeFeed["schema"]>>}`;
