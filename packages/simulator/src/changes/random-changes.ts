import { printCents } from "../data/money.js";
import { firstNames, lastNames, summaries } from "../data/words.js";
import type { Random } from "../random.js";
import type { Entry } from "../store/entry.js";
import type { TenantState } from "../tenant.js";
import type { Change, CustomerOwnedFeed } from "./change.js";

type Maker = (random: Random, id: number, someCustomer: () => number) => Change;

type ChangingFeed = "customers" | "customer-contacts" | "locations" | "memberships" | "jobs" | "invoices";

/** The changes that a day's work makes to a tenant, and how often. */
const makers: readonly [Kind, ...Kind[]] = [
  kind("customers", 16, (random, id) => edit("customers", id, { name: personName(random) })),
  kind("customers", 4, (_, id) => ({ kind: "deactivate", feed: "customers", id })),
  kind("customers", 2, (_, id, other) => ({ kind: "merge", feed: "customers", id, intoId: other() })),
  kind("customer-contacts", 14, (random, id) => {
    const value = `${random.integer(201, 989)}5550${random.integer(100, 199)}`;
    return edit("customer-contacts", id, { type: "MobilePhone", value, active: true });
  }),
  kind("customer-contacts", 3, (_, id, other) => move("customer-contacts", id, other())),
  kind("customer-contacts", 3, (_, id) => ({ kind: "deactivate", feed: "customer-contacts", id })),
  kind("locations", 6, (random, id) => edit("locations", id, { name: personName(random) })),
  kind("locations", 2, (_, id, other) => move("locations", id, other())),
  kind("memberships", 8, (random, id) =>
    edit("memberships", id, { status: random.pick(["Active", "Expired", "Canceled", "Suspended"]) }),
  ),
  kind("memberships", 2, (_, id, other) => move("memberships", id, other())),
  kind("jobs", 12, (random, id) => edit("jobs", id, { summary: random.pick(summaries) })),
  kind("invoices", 22, (random, id) => {
    const total = printCents(random.integer(-5_000, 400_000));
    return edit("invoices", id, { total, summary: random.pick(summaries) });
  }),
  kind("invoices", 6, (_, id) => ({ kind: "deactivate", feed: "invoices", id })),
];

interface Kind {
  readonly feed: ChangingFeed;
  readonly weight: number;
  readonly make: Maker;
}

/**
 * Chooses changes to this many different entities.
 *
 * @throws RangeError when the tenant does not have enough of them.
 */
export function chooseChanges({ tables }: TenantState, count: number, random: Random): readonly Change[] {
  const [first, ...others] = makers.map((maker) => [maker, maker.weight] as const);
  const weights = [first ?? ([makers[0], 1] as const), ...others] as const;
  const chosen = new Set<string>();
  const changes: Change[] = [];
  const some = (entries: readonly Entry[]): Entry | undefined =>
    entries[random.integer(0, entries.length - 1)];

  for (let tries = 0; changes.length < count; tries += 1) {
    if (tries > 100 * count + 1000) throw new RangeError(`The tenant has no ${count} entities to change.`);
    const { feed, make } = random.weighted(weights);
    const entry = some(tables[feed].entries());
    if (entry === undefined || chosen.has(`${feed}/${entry.id}`)) continue;
    const other = some(tables.customers.entries());
    if (other === undefined || (feed === "customers" && other.id === entry.id)) continue;
    chosen.add(`${feed}/${entry.id}`);
    changes.push(make(random, entry.id, () => other.id));
  }
  return changes;
}

function kind(feed: ChangingFeed, weight: number, make: Maker): Kind {
  return { feed, weight, make };
}

function edit(feed: ChangingFeed, id: number, set: Readonly<Record<string, unknown>>): Change {
  return { kind: "edit", feed, id, set };
}

function move(feed: CustomerOwnedFeed, id: number, customerId: number): Change {
  return { kind: "move", feed, id, customerId };
}

function personName(random: Random): string {
  return `${random.pick(firstNames)} ${random.pick(lastNames)}`;
}
