import type { Dice } from "./campaign.js";
import type { SmallManager, SmallRow } from "./small-manager.js";

/** Stands in every text of the customer that is to be erased, and in no other. */
export const mark = "ZZMARK";

/** Whose texts are marked, who is merged into it, and the others. */
export const erased = 1;
const duplicate = 4;
const others = [2, 3] as const;

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();

interface Owned {
  readonly owner: number;
  readonly row: SmallRow;
  /** Whether the row names its customer. */
  readonly isNamed: boolean;
}

const isMarked = (owner: number): boolean => owner === erased || owner === duplicate;
const textOf = (owner: number, what: string): string => (isMarked(owner) ? `${mark} ${what}` : what);

const addressOf = (owner: number) => ({
  street: textOf(owner, "1 Main St"),
  unit: null,
  city: "Austin",
  state: "TX",
  zip: "78701",
  country: "USA",
});

/** Fills a tenant with rows that belong to one of its customers each, linked, unnamed and broken at random. */
export function fillTenant(manager: SmallManager, dice: Dice): void {
  const owners: [number, ...number[]] = [erased, erased, ...others];
  for (const id of [erased, ...others]) manager.put("customers", customerOf(id, null));
  if (dice.integer(0, 1) === 1) {
    manager.put("customers", customerOf(duplicate, erased));
    owners.push(duplicate);
  }
  const many = <Item>(count: number, make: (index: number) => Item): readonly Item[] =>
    Array.from({ length: dice.integer(1, count) }, (_, index) => make(index));

  for (const row of many(5, (index) => contactOf(100 + index, dice.pick(owners))))
    manager.put("customers/contacts", row);
  const locations = many(4, (index) => locationOf(200 + index, dice.pick(owners)));
  const appointments = many(5, (index) =>
    appointmentOf(300 + index, dice.pick(owners), dice.integer(0, 2) > 0),
  );
  const jobs = many(6, (index) =>
    jobOf(400 + index, dice.pick(owners), dice.integer(0, 2) > 0, appointments, dice),
  );
  const invoices = many(12, (index) => {
    const owner = dice.pick(owners);
    const location = pickOwn(locations, owner, dice);
    const job = pickJob(jobs, owner, dice);
    return invoiceOf(500 + index, owner, location, job, dice);
  });
  // A row that names nobody is linked to one that does, or is omitted.
  const named = (id: number): boolean =>
    invoices.some(({ isNamed, row }) => isNamed && idIn(row["job"]) === id);
  const keptJobs = jobs.filter(({ isNamed, row }) => isNamed || named(row.id));
  const keptAppointments = appointments.filter(
    ({ isNamed, row }) => isNamed || keptJobs.some((job) => job.row["firstAppointmentId"] === row.id),
  );
  const hangs = ({ row }: Owned): boolean =>
    idIn(row["location"]) !== null || keptJobs.some((job) => job.isNamed && job.row.id === idIn(row["job"]));
  const keptInvoices = invoices.filter((invoice) => invoice.isNamed || hangs(invoice));
  // A page without a valid row would not land: then nothing would show who owns the rows linked to its rows.
  const sound = invoiceOf(499, others[0], null, null, null);
  for (const [path, rows] of [
    ["locations", locations],
    ["appointments", keptAppointments],
    ["jobs", keptJobs],
    ["invoices", keptInvoices.some(isSound) ? keptInvoices : [...keptInvoices, sound]],
  ] as const)
    manager.put(path, ...rows.map(({ row }) => row));
}

/**
 * Moves some of the customer's invoices to another one: what they say is that one's from then on. Those with a job keep
 * their customer: a nameless job would hang on nothing anymore, and be nobody's.
 */
export function moveInvoices(manager: SmallManager, dice: Dice): void {
  for (const row of manager.rows("invoices")) {
    const isMovable =
      JSON.stringify(row).includes(mark) && idIn(row["customer"]) === erased && row["job"] === null;
    if (!isMovable || dice.integer(0, 1) === 0) continue;
    const owner = dice.pick(others as unknown as [number, ...number[]]);
    manager.put("invoices", {
      ...invoiceOf(row.id, owner, null, null, null).row,
      modifiedOn: at(60),
    });
  }
}

/** Ids of invoices that name another customer than the one to be erased. */
export function invoicesOfOthers(manager: SmallManager): readonly string[] {
  return manager
    .rows("invoices")
    .filter((row) => isSound({ row }) && others.some((id) => id === idIn(row["customer"])))
    .map(({ id }) => String(id));
}

const isSound = ({ row }: Pick<Owned, "row">): boolean => typeof row["customerAddress"] === "object";

function customerOf(id: number, mergedToId: number | null): SmallRow {
  return {
    id,
    active: true,
    name: textOf(id, `Jane Doe ${id}`),
    type: "Residential",
    address: addressOf(id),
    mergedToId,
    modifiedOn: at(1),
  };
}

function contactOf(id: number, customerId: number): SmallRow {
  const memo = textOf(customerId, "ring twice");
  return { id, customerId, active: true, type: "Phone", value: `630-555-0${id}`, memo, modifiedOn: at(1) };
}

function locationOf(id: number, owner: number): Owned {
  const name = textOf(owner, "home");
  return {
    owner,
    isNamed: true,
    row: { id, customerId: owner, zoneId: null, name, address: addressOf(owner), modifiedOn: at(1) },
  };
}

function appointmentOf(id: number, owner: number, isNamed: boolean): Owned {
  const specialInstructions = textOf(owner, "gate code");
  return {
    owner,
    isNamed,
    row: { id, customerId: isNamed ? owner : null, start: at(id), specialInstructions, modifiedOn: at(1) },
  };
}

function jobOf(id: number, owner: number, isNamed: boolean, from: readonly Owned[], dice: Dice): Owned {
  const firstAppointmentId = pickOwn(from, owner, dice)?.row.id ?? null;
  const summary = textOf(owner, "leak");
  return {
    owner,
    isNamed,
    row: { id, customerId: isNamed ? owner : null, firstAppointmentId, summary, modifiedOn: at(1) },
  };
}

/** @param dice - `null` makes a valid one that names its customer. */
function invoiceOf(
  id: number,
  owner: number,
  location: Owned | null,
  job: Owned | null,
  dice: Dice | null,
): Owned {
  const mayBeNameless = location !== null || (job?.isNamed === true && job.owner === owner);
  const isNamed = dice === null || !mayBeNameless || dice.integer(0, 2) > 0;
  const isBroken = dice !== null && dice.integer(0, 5) === 0;
  const customerId = isBroken && dice?.integer(0, 1) === 0 ? String(owner) : owner;
  return {
    owner,
    isNamed,
    row: {
      id,
      active: true,
      referenceNumber: String(id),
      invoiceDate: at(0),
      total: "10.50",
      summary: textOf(owner, "repair"),
      customer: isNamed ? { id: customerId, name: textOf(owner, "Jane Doe") } : null,
      customerAddress: isBroken ? textOf(owner, "no address") : addressOf(owner),
      location: location === null ? null : { id: location.row.id, name: textOf(owner, "home") },
      locationAddress: addressOf(owner),
      job: job === null ? null : { id: job.row.id, number: "1", type: "Repair" },
      modifiedOn: at(1),
    },
  };
}

function pickOwn(from: readonly Owned[], owner: number, dice: Dice): Owned | null {
  const [first, ...rest] = from.filter((one) => one.owner === owner);
  return first === undefined || dice.integer(0, 2) === 0 ? null : dice.pick([first, ...rest]);
}

/** Now and then another customer's invoice names a job of the one to be erased. */
function pickJob(from: readonly Owned[], owner: number, dice: Dice): Owned | null {
  const [first, ...rest] = from.filter((job) => job.isNamed && isMarked(job.owner));
  if (first !== undefined && !isMarked(owner) && dice.integer(0, 3) === 0) return dice.pick([first, ...rest]);
  return pickOwn(from, owner, dice);
}

function idIn(value: unknown): number | null {
  if (typeof value !== "object" || value === null || !("id" in value)) return null;
  return Number(value.id);
}
