import type { FeedRoute, ListFilter } from "../feeds.js";
import { type InstantKey, instantKey } from "../instant.js";
import type { FieldKey } from "../store/entry.js";
import { invalidValue, problem, Refusal } from "./problem.js";

/** What a list was asked for. Parameters that it does not know are ignored, as the API does. */
export interface ListQuery {
  readonly page: number;
  readonly pageSize: number;
  readonly includeTotal: boolean;
  readonly sort: { readonly field: string; readonly descending: boolean };
  /** `null`: active and inactive ones. */
  readonly active: boolean | null;
  readonly conditions: readonly Condition[];
  /** Fields to fill that are null otherwise. */
  readonly requested: ReadonlySet<string>;
}

/** A test of one field's key. */
export interface Condition {
  readonly field: string;
  readonly holds: (key: FieldKey) => boolean;
}

const largestPage = 5000;
const maxIds = 50;

/** @throws {@link Refusal} when a known parameter has a value that it does not take. */
export function parseListQuery(route: FeedRoute, query: URLSearchParams): ListQuery {
  const { requiresOneOf } = route;
  if (requiresOneOf.length > 0 && !requiresOneOf.some((parameter) => query.has(parameter))) {
    throw new Refusal(problem(400, `One of ${requiresOneOf.join(", ")} is required.`));
  }
  return {
    page: Math.max(1, wholeNumber(query, "page", 1, 0, Number.MAX_SAFE_INTEGER)),
    pageSize: wholeNumber(query, "pageSize", 50, 1, largestPage),
    includeTotal: isTrue(query, "includeTotal"),
    sort: sortOf(route, query),
    active: listActivityOf(route, query),
    conditions: Object.entries(route.filters).flatMap(([parameter, filter]) => {
      const values = query.getAll(parameter).filter((value) => value !== "");
      return values.length === 0 ? [] : [{ field: filter.field, holds: test(parameter, filter, values) }];
    }),
    requested: new Set(
      Object.entries(route.onRequest).flatMap(([field, parameter]) =>
        isTrue(query, parameter) ? [field] : [],
      ),
    ),
  };
}

function wholeNumber(
  query: URLSearchParams,
  parameter: string,
  usual: number,
  least: number,
  most: number,
): number {
  const text = query.get(parameter);
  if (text === null || text === "") return usual;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) throw invalidValue(parameter, text);
  return value;
}

function isTrue(query: URLSearchParams, parameter: string): boolean {
  return query.get(parameter)?.toLowerCase() === "true";
}

function sortOf(route: FeedRoute, query: URLSearchParams): ListQuery["sort"] {
  const sort = query.get("sort");
  const names = Object.entries(route.sorts);
  if (sort !== null && sort !== "" && names.length > 0) {
    const [, sign, name] = /^([+-]?)(\w+)$/.exec(sort) ?? [];
    const field = names.find(([known]) => known.toLowerCase() === name?.toLowerCase())?.[1];
    if (field === undefined) throw invalidValue("sort", sort);
    return { field, descending: sign === "-" };
  }
  const orderBy = route.hasOrderBy ? query.get("orderBy")?.toLowerCase() : undefined;
  const field = ["id", "modifiedOn", "createdOn"].find((known) => known.toLowerCase() === orderBy) ?? "id";
  const direction = orderBy === undefined ? "" : (query.get("orderByDirection")?.toLowerCase() ?? "");
  return { field, descending: direction === "desc" || direction === "descending" };
}

function listActivityOf({ activity }: FeedRoute, query: URLSearchParams): boolean | null {
  switch (activity) {
    case "never-deleted":
      return true;
    case "active":
      return activityOf("active", query, true);
    case "activeState":
      return activityOf("activeState", query, null);
  }
}

const activities: Readonly<Record<"active" | "activeState", Readonly<Record<string, boolean | null>>>> = {
  active: { true: true, false: false, any: null },
  activeState: { activeonly: true, inactiveonly: false, all: null },
};

/** @returns `null` for both active and inactive ones. */
export function activityOf(
  parameter: "active" | "activeState",
  query: URLSearchParams,
  usual: boolean | null,
): boolean | null {
  const text = query.get(parameter);
  if (text === null || text === "") return usual;
  const activity = activities[parameter][text.toLowerCase()];
  if (activity === undefined) throw invalidValue(parameter, text);
  return activity;
}

function test(
  parameter: string,
  { comparison }: ListFilter,
  values: readonly string[],
): (key: FieldKey) => boolean {
  const text = values[0] ?? "";
  const word = text.trim().toLowerCase();
  switch (comparison) {
    case "among": {
      const wanted = new Set(
        values.flatMap((value) => value.split(",")).map((part) => part.trim().toLowerCase()),
      );
      if (parameter === "ids" && (wanted.size > maxIds || [...wanted].some((id) => !/^\d+$/.test(id)))) {
        throw invalidValue(parameter, text);
      }
      return (key) => key !== null && wanted.has(wordOf(key));
    }
    case "equals":
      return (key) => key !== null && wordOf(key) === word;
    case "contains":
      return (key) => typeof key === "string" && wordOf(key).includes(word);
    case "since": {
      const bound = dateOf(parameter, text);
      return (key) => typeof key === "string" && key >= bound;
    }
    case "before": {
      const bound = dateOf(parameter, text);
      return (key) => typeof key === "string" && key < bound;
    }
    case "greater": {
      const bound = numberOf(parameter, text);
      return (key) => key !== null && Number(key) > bound;
    }
    case "less": {
      const bound = numberOf(parameter, text);
      return (key) => key !== null && Number(key) < bound;
    }
  }
}

function wordOf(key: string | number): string {
  return String(key).toLowerCase();
}

function dateOf(parameter: string, text: string): InstantKey {
  const key = instantKey(text);
  if (key === null) throw invalidValue(parameter, text);
  return key;
}

function numberOf(parameter: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw invalidValue(parameter, text);
  return value;
}
