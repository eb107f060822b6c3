import fc from "fast-check";
import { z } from "zod";
import type { RuleLevel } from "../company-rules.js";
import { noCustomColumns } from "../custom-columns.js";
import { type RecordJoin, rootsOf } from "../definitions/define-join.js";
import { shippedCatalog } from "../definitions/definitions.js";
import { invoiceJoin, type JoinedInvoice } from "../definitions/invoice.js";
import { type JoinedMember, memberJoin } from "../definitions/member.js";
import type { MapContext } from "../map-context.js";

// Entities as messy as the structure check allows, often with the values that rules are about.

const absent = fc.constantFrom(null, undefined, "", "  ", "\u00a0\t", "\u200b", "\u00ad \ufe0f");

function mostly(...values: string[]): fc.Arbitrary<string | null | undefined> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...values) },
    { weight: 2, arbitrary: absent },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        " \u2003a\u0085\u0085b ",
        "x\0y",
        "\ud83dlone",
        "\udc00",
        "\u200ea\u200b \u2060b\u200e",
        "a\u200bb",
      ),
    },
  );
}

/** Few, so that they collide; some whose text order is not their numeric order. */
const id = fc.constantFrom(1, 9, 10, 21, 100, 9999, 10002, 9007199254740991);
const optionalId = fc.option(fc.oneof(id, fc.constant(0)), { nil: null });
const flag = fc.constantFrom(true, true, false, null, undefined);

const instant = fc.oneof(
  fc.constantFrom(
    null,
    undefined,
    "",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00.1Z",
    "2024-03-10T07:59:59.9999999Z",
    "2024-03-10T08:00:00Z",
    "2024-11-03T06:30:00.12Z",
    "2024-11-03T07:30:00Z",
    "2025-05-01T00:00:00.1234567Z",
    "2025-05-01T00:00:00.1234568Z",
    "2025-05-01T00:00:00.123456Z",
    "2025-05-01T00:00:00Z",
    "2025-05-01T00:00:00.000Z",
  ),
  fc
    .date({
      min: new Date("1990-01-01T00:00:00Z"),
      max: new Date("2060-01-01T00:00:00Z"),
      noInvalidDate: true,
    })
    .map((date) => date.toISOString()),
);

const country = mostly("USA", "United States", "united  states", "uSa", "Canada", "US", "us");

const uglyAddress = fc.option(
  fc.record({
    street: mostly("1 Test St", " 27  Elm Ct "),
    unit: mostly("Apt 3B"),
    city: mostly("Aurora"),
    state: mostly("IL"),
    zip: mostly("60505", "02134-0001"),
    country,
  }),
);

/** Complete more often than not, otherwise few records would pass the address rule. */
const address = fc.oneof(
  {
    weight: 5,
    arbitrary: country.map((given) => ({
      street: "1 Test St",
      unit: null,
      city: "Aurora",
      state: "IL",
      zip: "60505",
      country: given,
    })),
  },
  { weight: 1, arbitrary: uglyAddress },
);

const name = mostly(
  "Jane Sample",
  "  Milo   Fenn ",
  "Brightwater",
  "Maria del Carmen Ortega",
  "\u00a0Zoë 🏠",
);
const customerType = mostly("Residential", "Commercial", " Commercial ");

const customer = fc.record({ id, active: flag, name, type: customerType, address });

const phone = fc.oneof(
  mostly(
    "5551234567",
    "(555) 123-4567",
    "555.123.4567",
    "+15551234567",
    "15551234567",
    "+555 123 4567",
    "5550123",
  ),
  fc.constantFrom(
    "555-0121 x440",
    "5550121 ext. 440",
    "555 0121 #440",
    "fax 555 123 4567",
    "555-123-4567 (home)",
  ),
  fc.stringMatching(/^[0-9]{3}[-. ][0-9]{3}[-. ][0-9]{4}$/),
);

const contacts = fc.uniqueArray(
  fc.record({
    id,
    customerId: fc.constant(1),
    active: flag,
    type: fc.constantFrom("MobilePhone", "Phone", "Phone", "Fax", "Email", null),
    value: phone,
  }),
  { maxLength: 6, selector: (contact) => contact.id },
);

const memberships = fc.uniqueArray(
  fc.record({
    id,
    customerId: fc.constant(1),
    membershipTypeId: optionalId,
    active: flag,
    status: mostly("Active", "Suspended", "Expired", "Canceled", "Deleted", "active", "New", "Good"),
    from: instant,
    to: instant,
  }),
  { maxLength: 5, selector: (membership) => membership.id },
);

const membershipTypes = fc.uniqueArray(fc.record({ id, name: mostly("Gold Club", "Bronze  Tune-Up") }), {
  selector: (type) => type.id,
});

/** Well-formed: how parsers handle broken markup is tested by examples. */
const html = fc.letrec<{ node: string; nodes: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(
      "Filter",
      " belt ",
      "20x25",
      "a  b",
      "\n\t",
      "&amp;",
      "&nbsp;",
      "&lt;b&gt;",
      "&amp;lt;",
      "&#39;",
    ),
    fc.constantFrom("&eacute;", "&#8217;", "&#x2014;", "&quot;", "5 < 6", " > ", "\u00a0", "é"),
    fc.constantFrom(
      "<br>",
      "<br/>",
      "<BR class='x' />",
      "<hr>",
      "<img src='x'>",
      "<!-- a <b> -->",
      "<!---->",
    ),
    fc.constantFrom(
      "<script>if (a<b) {}</script>",
      "<style>p { color: red }</style>",
      "<SCRIPT src='x'></SCRIPT>",
    ),
    fc
      .tuple(fc.constantFrom("div", "blockquote", "B", "span", "em", "a", "DIV"), tie("nodes"))
      .map(([tag, inner]) => `<${tag} title="x">${inner}</${tag}>`),
    fc
      .array(tie("nodes"), { maxLength: 3 })
      .map((items) => `<ul>${items.map((item) => `<li>${item}</li>`).join("")}</ul>`),
    fc
      .array(tie("nodes"), { maxLength: 3 })
      .map((items) => `<table><tr>${items.map((item) => `<td>${item}</td>`).join("")}</tr></table>`),
  ),
  nodes: fc.array(tie("node"), { maxLength: 4 }).map((nodes) => nodes.join("")),
})).nodes;

const summary = fc.oneof(absent, html, fc.constantFrom("Plain", " plain  text\nof two lines ", "<p> </p>"));

const total = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom("126.44", "-5.00", "$1,234.56", "0.00", "85", "-1,234.5", "-0.00"),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "(5.00)",
      "-$5",
      "$-5",
      "1e3",
      "12.3.4",
      "$",
      "1,23",
      "5.",
      ".5",
      "NaN",
      "007.50",
    ),
  },
  {
    weight: 1,
    arbitrary: fc.oneof(absent, fc.double({ noNaN: true }), fc.boolean(), fc.string({ maxLength: 4 })),
  },
  { weight: 1, arbitrary: fc.stringMatching(/^-?\$?[0-9]{1,4}(,[0-9]{3}){0,3}(\.[0-9]{1,20})?$/) },
);

const invoice = fc.record({
  id,
  active: flag,
  referenceNumber: mostly("INV-080001", " 42 "),
  invoiceDate: instant,
  total,
  summary,
  customer: fc.option(fc.record({ id: optionalId, name })),
  customerAddress: address,
  location: fc.option(fc.record({ id: optionalId, name })),
  locationAddress: address,
  job: fc.option(fc.record({ id: optionalId, number: mostly("4001"), type: mostly("Drain  Repair") })),
});

export const uglyMember = uglyJoined<JoinedMember>(memberJoin, {
  customer,
  contacts,
  memberships,
  membershipTypes,
});

export const uglyInvoice = uglyJoined<JoinedInvoice>(invoiceJoin, {
  invoice,
  customer: fc.option(customer),
  contacts,
  job: fc.option(fc.record({ id, firstAppointmentId: optionalId, summary })),
  firstAppointment: fc.option(fc.record({ id, start: instant })),
  location: fc.option(fc.record({ id, zoneId: optionalId })),
  zone: fc.option(fc.record({ id, name: mostly("North  Side") })),
});

/**
 * The joined entities of a record; a relation without given values gets anything that its feed's schema
 * allows.
 */
function uglyJoined<Joined extends object>(
  join: RecordJoin,
  given: { readonly [Name in keyof Joined]?: fc.Arbitrary<Joined[Name]> },
): fc.Arbitrary<Joined> {
  const entities = Object.entries(rootsOf({ ...join, choices: {} })).map(([name, { feed, isList }]) => {
    const row = uglyValue(feed.schema) as fc.Arbitrary<{ readonly id: unknown }>;
    return [
      name,
      isList ? fc.uniqueArray(row, { maxLength: 4, selector: (each) => each.id }) : fc.option(row),
    ];
  });
  return fc.record({ ...Object.fromEntries(entities), ...given }) as fc.Arbitrary<Joined>;
}

/** A value that passes the schema of a feed, or of a field. */
function uglyValue(schema: unknown): fc.Arbitrary<unknown> {
  if (schema instanceof z.ZodObject) {
    const { id: ownId, ...fields } = schema.shape as Readonly<Record<string, unknown>>;
    const values = Object.entries(fields).map(([name, field]) => [name, uglyValue(field)] as const);
    return fc.record({ ...(ownId !== undefined && { id }), ...Object.fromEntries(values) });
  }
  if (schema instanceof z.ZodOptional) return fc.option(uglyValue(schema.unwrap()), { nil: undefined });
  if (schema instanceof z.ZodNullable) return fc.option(uglyValue(schema.unwrap()));
  if (schema instanceof z.ZodString) return mostly("North  Side", "5.00", "2025-05-01T00:00:00Z");
  if (schema instanceof z.ZodBoolean) return fc.boolean();
  if (schema instanceof z.ZodUnion || schema instanceof z.ZodNumber) return id;
  return fc.constantFrom("126.44", -5, null, true);
}

const relatedFeeds = shippedCatalog.related;

const anyLevel = fc.constantFrom<RuleLevel>("off", "warn", "reject", "reject");

export const anyContext: fc.Arbitrary<MapContext> = fc.record({
  company: fc.record({
    companyId: fc.constant("birch-heating"),
    trade: fc.constantFrom("HVAC", "HVAC", " Garage  Doors", "", null),
    importId: fc.option(fc.nat()),
    timeZone: fc.constantFrom(
      "UTC",
      "America/Chicago",
      "America/St_Johns",
      "Asia/Kolkata",
      "Pacific/Honolulu",
    ),
    rules: fc.record({
      names: anyLevel,
      address: anyLevel,
      total: anyLevel,
      negativeTotal: anyLevel,
      required: anyLevel,
      dates: anyLevel,
      phones: anyLevel,
      emails: anyLevel,
      alsoRequired: fc.record({
        member: fc.subarray(["customer_phone_number_primary", "unit", "trade"]),
        invoice: fc.subarray(["zone", "summary", "total"]),
      }),
      splitCompanyNames: fc.boolean(),
      leaveOutInactiveCustomers: fc.constant(false),
      leaveOutMergedCustomers: fc.constant(false),
    }),
    columns: fc.constant(noCustomColumns),
    feedsOff: fc.constant([]),
    acceptAbsent: fc.constant([]),
  }),
  version: fc.constant("1733000000"),
  drained: fc.oneof(
    { weight: 3, arbitrary: fc.constant(new Set(relatedFeeds)) },
    { weight: 1, arbitrary: fc.subarray([...relatedFeeds]).map((feeds) => new Set(feeds)) },
  ),
});
