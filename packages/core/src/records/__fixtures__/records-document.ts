import { companyIssues } from "../../companies/company-profile.js";
import { minRowsOfVerdict } from "../../quality/page-verdict.js";
import { qualityLimits } from "../../quality/run-quality.js";
import { reportHeaders } from "../../reconcile/report-headers.js";
import { checkMapping, fixedColumns, tableColumns } from "../check-mapping.js";
import { columnFormats } from "../company-mapping.js";
import { defaultRules, ruleLevels } from "../company-rules.js";
import { shippedCatalog } from "../definitions/definitions.js";
import { feedsOfColumn } from "../definitions/reach.js";
import type { RecordPlan } from "../definitions/record-plan.js";
import { ruleList } from "../rule-list.js";

// docs/records.md, made from the tables that the code itself follows: what it lists cannot go stale.

const exampleMapping = {
  member: { gate_code: "customer.customFields[name=Gate code].value" },
  invoice: {
    job_status: "job.jobStatus",
    completed_on: { from: "job.completedOn", as: "date-time" },
    balance: "invoice.balance",
  },
} as const;

const exampleConfiguration = {
  companies: {
    acme: {
      rules: { negativeTotal: "reject" },
      mapping: { invoice: { job_status: "job.jobStatus" } },
    },
  },
} as const;

/** The whole document. */
export function renderRecordsDocument(): string {
  return [
    "# Records\n",
    "<!-- Made from the tables in packages/core/src/records by scripts/generate-records-doc.mjs. Do not edit. -->\n",
    "What a sync delivers: one member record for each ServiceTitan customer, one invoice record for each invoice. " +
      "This page says where every column comes from, which rules a record must keep, and what a company may have differently.\n",
    "## Columns\n",
    ...shippedCatalog.plans.flatMap(columnsOf),
    "All text is trimmed, runs of white space become one blank, and what is empty then is `null`. Invisible characters (zero-width blanks, soft hyphens, marks of writing direction) go with the white space beside them and at both ends, and a text of nothing else is empty; phone numbers have none. Dates that no calendar has count as missing (the rule `dates` tells of an appointment's), and so do the API's zero dates; one that a time zone would move beyond the year 9999 prints as it is in UTC. Where `else` stands, " +
      "a value that is empty after cleaning counts as missing. Of a customer's memberships that are not `Deleted`, one speaks for it: " +
      "an `Active` one first, then the one that ends last (no end is last), then the one that began last, then the highest id. " +
      "Until a feed has been read to its end once, columns that need it are empty and do not fall back.\n",
    "## Rules\n",
    "A row goes through three layers. Its *structure* is checked when it is read: a field of another type than ServiceTitan documents " +
      "rejects the row (stage `structure`; null fields pass, but for ids, and absent ones as [below](#when-the-api-changes)). The *business rules* below judge each record " +
      "(stage `record`). Last, a *sink* may refuse a record (stage `sink`). A rejected row is kept with the reason and its payload, counted, " +
      "and cleared by a later good delivery; the others of its batch are delivered. What was delivered before of a record that is rejected now " +
      "stays as it was, in sinks and exports.\n",
    "A sink that cannot take a record refuses that record alone, with a reason: see [when a sink fails or refuses](reliability.md#when-a-sink-fails-or-refuses). " +
      "The other records of its batch are delivered. A sink that fails refuses nothing: its batch is kept and sent again.\n",
    "Each business rule has a level, which a company may set:\n",
    "- `off`: not looked at\n- `warn`: the record is delivered, and the run has a warning with the number of records\n- `reject`: the record is not delivered, and a rejection kept in its place\n",
    ...table(
      ["rule", "records", "asks for", "default", "rejection", "warning"],
      ruleList.map((rule) => [
        `\`${rule.setting}\``,
        rule.records.join(", "),
        rule.asks,
        `\`${defaultRules[rule.setting]}\``,
        `\`${rule.rejectsAs}\``,
        `\`${rule.warning.code}\``,
      ]),
    ),
    "A record has one rejection that lists every rule it breaks. Messages name fields and ids, never values. A column of a mapping that cannot be " +
      "made (its function fails, its path leads to a list or an object) rejects the record as `mapping`, whatever the levels.\n",
    "After a change of rules, of a mapping or of the sink, `titan-sync rejections replay --all` (or `titan.rejections.replay({ credentialId })`) gives what was " +
      "rejected another chance: rows are checked and records derived again, without the API. `rejections count` counts by reason, " +
      "`rejections list` and `rejections export` show them.\n",
    "A run's `failed` counts rejected records and rejected rows of every feed; warnings say how many there were, `ROWS_REJECTED` of each feed and `RECORDS_REJECTED` of each record type. " +
      "In the ledger `derived = delivered + unchanged + leftOut + rejected` is about records alone: a row that was rejected was never derived.\n",
    "### When the API changes\n",
    "Each page is judged before anything of it is stored.\n",
    ...table(
      ["what a page shows", "what happens"],
      [
        [
          `None of its rows can be used, and it has ${minRowsOfVerdict} or more, or all that a first reading brings.`,
          "Nothing of it is stored and the feed's position stays: `DATA_DRIFT`. The run fails where the feed makes the records, and is `partial` where it only adds fields. The next run reads the same rows again.",
        ],
        [
          "Some of its rows cannot be used.",
          "They are rejected, the others go on, and the run warns: `ROWS_REJECTED`.",
        ],
        [
          `A field that columns are made of is gone from every row, of ${minRowsOfVerdict} or more: one that ServiceTitan documents for every row, or one that landed rows have.`,
          "As where no row can be used. `FIELD_ABSENT` names the feed, the field and the columns. What was delivered stays.",
        ],
        [
          `A row of a smaller page, or one of some on a larger page where the field is documented for every row, lacks a field that its landed version has.`,
          "It is rejected by the rule `drift`, its landed version stays, and `FIELD_ABSENT` warns.",
        ],
        [
          "A row lacks a part of an object, such as `address.unit`, or one of many rows a field that may be absent, and its landed version has it.",
          "It is stored, its column is delivered empty, and `FIELD_ABSENT` warns: what has no value may be left out.",
        ],
        [
          "In a full sync, some row's id cannot be read.",
          "Nothing of that feed is removed, unless removals are allowed: `REMOVALS_HELD_BACK`.",
        ],
        [
          "Fields that are not documented, or documented ones that no column needs, come or go.",
          "`SCHEMA_DRIFT` tells of each once a run; rows are stored as they are.",
        ],
        [
          "A list's total counts rows that it never gives.",
          "The list is read twice; where both readings say the same, it is taken as read, with a warning: `TOTAL_NOT_GIVEN`. As long as the total is wrong by as many rows, later runs read it once and do not warn again.",
        ],
      ],
    ),
    "A field that is `null` is there: that a value is empty is what ServiceTitan says. What the function of a mapping reads cannot be known, and is not looked at. " +
      "A company that accepts the absence of a field says so with `acceptAbsent`, and one that does without a related feed with `feeds`; both count as consent to empty columns.\n",
    "### Quality of a run\n",
    "A run that ends is held against the last runs of its credential, and warns of what no single record shows. " +
      `Of fewer than ${qualityLimits.minSample} records or rows nothing is concluded.\n`,
    ...table(
      ["warning", "when"],
      [
        [
          "`REJECTED_SHARE`",
          `The share of rejected records, or of rejected rows of a feed, is more than ${percent(qualityLimits.rejectedShare)} (points) above that of the runs before, or above none while there were too few records to compare with, as in a first run.`,
        ],
        [
          "`EMPTY_COLUMN_SHARE`",
          `A column is empty in a share of the records that is more than ${percent(qualityLimits.emptyShare)} (points) above that of the runs before that had the column.`,
        ],
        [
          "`ROW_COUNT`",
          `A feed had over ${percent(qualityLimits.rowCount)} more or fewer rows in a full run than in the last full one.`,
        ],
        [
          "`REPEATED_IDS`",
          `Over ${percent(qualityLimits.repeatedShare)} of a feed's rows repeat an id in a full run, or are older than what was landed.`,
        ],
        ["`REMOVALS_NOT_WRITTEN`", "Records were removed, and the sink only appends."],
      ],
    ),
    "## What a company may have differently\n",
    "The `company` function of `createTitanSync` returns it, or `titan.companies.save` keeps it. For the program it stands by company id under " +
      "`companies` in the configuration file, `titan-sync.config.{ts,js,json,yaml}` in the working directory or the one that `--config` names; an option that " +
      "is given there goes before the one that `credential add` has stored. It is checked when a run starts, and by every command of the program: " +
      "every mistake is listed at once, and nothing is changed.\n",
    ...table(
      ["option", "default", "meaning"],
      [
        ["`trade`", "none", "The record's `trade`, for instance HVAC. Required."],
        ["`importId`", "`null`", "The record's `hub_plus_import_id`; a sync request may name another."],
        ["`timeZone`", "`UTC`", "IANA name of the zone in which instants print."],
        ...ruleList.map((rule) => [
          `\`rules.${rule.setting}\``,
          `\`${defaultRules[rule.setting]}\``,
          `Level of the rule above: ${ruleLevels.map((level) => `\`${level}\``).join(", ")}.`,
        ]),
        [
          "`rules.alsoRequired`",
          "none",
          "`{ member: […], invoice: […] }`: columns that the rule `required` asks for as well, added ones included.",
        ],
        ...optionRows(),
        ["`mapping`", "none", "Columns that are filled from elsewhere, or added: below."],
        [
          "`feeds`",
          "all read",
          `Related feeds that are left out: \`{ memberships: "off" }\`. One of ${shippedCatalog.related.map((feed) => `\`${feed}\``).join(", ")}.`,
        ],
        [
          "`acceptAbsent`",
          "none",
          'Documented fields that may be gone from the API, and their columns empty: `["customer-contacts.value"]`. See [above](#when-the-api-changes).',
        ],
      ],
    ),
    "An example that is stricter than the defaults, for an application of yours:\n",
    code(
      "ts",
      `const titan = createTitanSync({
  // …
  company: async (id) => ({
    trade: "HVAC",
    timeZone: "America/Chicago",
    rules: {
      negativeTotal: "reject",
      phones: "reject",
      alsoRequired: { member: ["customer_phone_number_primary"], invoice: ["zone"] },
    },
  }),
});`,
    ),
    "And for the program, with a column of the company's own ([below](#custom-columns)):\n",
    code("ts", `// titan-sync.config.ts\nexport default ${print(exampleConfiguration)};`),
    "Records that were delivered before keep what they are until they are derived again. After a change of rules or mapping:\n",
    code(
      "sh",
      `titan-sync doctor                                            # is the file in order?
titan-sync sync --all --data both --rederive --dry-run       # what would change?
titan-sync sync --all --data both --rederive                 # or titan.sync({ credentialId, rederive: true })
titan-sync rejections count                                  # what is rejected now, and why
titan-sync export invoices --company acme --out invoices.csv # the new column is the last one`,
    ),
    "It needs no request to ServiceTitan. Do it once every process knows the new rules and the new mapping: a change from ServiceTitan derives records again only where they show it, and a process with the old mapping does not see that they show a field now. A column that is a function may show any field: each change of what it is given derives its record again.\n",
    "### Feeds that a company leaves out\n",
    'A tenant without a module, or an app without a scope, leaves every run `partial`. `feeds: { memberships: "off", "membership-types": "off" }` leaves related feeds out: they are not read, ' +
      "their scopes are not asked for, and runs are `completed` without them. Columns that need them are empty by choice, without falling back, also where their rows had been stored before; only `first_appointment`, " +
      "which is required, falls back to the invoice's date. The feeds that make the records, `customers` and `invoices`, cannot be left out. The first run after a feed was switched off or on again derives all records that use it.\n",
    "## Custom columns\n",
    "`mapping.member` and `mapping.invoice` name columns and where their values come from: a path into the joined entities, or a function of them. " +
      "A column of the host's tables is filled from there instead; any other name adds a column.\n",
    code("ts", `mapping: ${print(exampleMapping)}`),
    code(
      "ts",
      `mapping: {
  invoice: {
    trade: ({ invoice }) => (invoice.job?.type?.startsWith("Drain") ? "Plumbing" : "HVAC"),
  },
}`,
    ),
    "A path begins with an entity and goes on with fields that ServiceTitan documents. Misspelt fields are mistakes at the start of a run.\n",
    ...shippedCatalog.plans.flatMap(pathTable),
    "| step | leads to |\n| --- | --- |\n| `.name` | a field |\n| `[0]` | an element of a list, from 0 |\n" +
      '| `[name=Gate code]` | the first element of a list whose field has this text; in quotation marks where it holds a bracket: `[name="A]B"]` |\n',
    "What is absent on the way leads to `null`. A path must lead to a text, a number, `true` or `false`. A function gets the same entities as one object, " +
      "must be pure (it is called again at any time), and returns one of these or `null`.\n",
    `Values print as clean text, or in the format of the column that they fill. \`{ from: "…", as: "…" }\` says another: ${columnFormats
      .map((format) => `\`${format}\``)
      .join(
        ", ",
      )}. \`text\` is clean text, \`html\` plain text with its line breaks, \`date-time\` an instant in the company's time zone, ` +
      "`date` one as it is written, `phone` a number in the format of the phone columns.\n",
    "What follows from a filled column follows from its new value: first and last name from `customer_name`, `active_member` from `current_status`. " +
      "The rules judge what comes out.\n",
    `Names of columns have lower-case letters, digits and underscores, 63 at most. Not to be filled: ${[
      ...fixedColumns,
      ...tableColumns,
    ]
      .map((column) => `\`${column}\``)
      .join(", ")}.\n`,
    "Added columns reach a host's function, JSON Lines and CSV as they are, and your own PostgreSQL tables (`postgresAppendSink`) " +
      "where they have a text column of that name. The stream tables of `postgresSink` have none for them, but `titan-sync export` writes them: in CSV " +
      "behind `source_id`, by name, empty for companies and records without them; in JSON lines where a record has them.\n",
    "## Proof against a manual report\n",
    "`titan-sync reconcile members|invoices --company <id> --report <file.csv|file.xlsx> [--out <file>] [--json]` compares the current " +
      "records with a report that somebody exported: members by `customer_id`, invoices by `invoice_number`, in every column that the report has, " +
      "after the same normalisation on both sides. It prints what is equal, different, only here and only there, the exact sums of the totals, " +
      "and exits 3 where both do not agree. Rows of customers who were [erased](reliability.md#erasing-a-customer) are counted apart and compared with nothing, as far as the report has the customer's id. Its memory hardly grows with the rows: [a million of them](reliability.md#results) were compared with a heap of 256 MB. Headers match whatever their case; the first of a column's that is present counts:\n",
    ...table(
      ["column", "headers"],
      Object.entries({ ...reportHeaders.member, ...reportHeaders.invoice }).map(([column, headers]) => [
        `\`${column}\``,
        headers.join(", "),
      ]),
    ),
  ].join("\n");
}

/** The examples must be ones that the check takes. */
export function exampleMistakes(): readonly string[] {
  const { rules, mapping } = exampleConfiguration.companies.acme;
  return [
    ...checkMapping(shippedCatalog, exampleMapping).issues,
    ...companyIssues({ trade: null, rules, mapping }),
  ];
}

function columnsOf({ record, definition }: RecordPlan): readonly string[] {
  const rows = Object.entries(definition.columns).map(([column, source]) => [
    `\`${column}\``,
    source.from,
    feedsOfColumn(definition, source).join(", ") || "none",
    source.prints ?? "",
    source.isOptional === true ? "" : "yes",
  ]);
  const entity = definition.driverName;
  return [
    `### ${record === "member" ? "Member" : "Invoice"} records\n`,
    `One for each ${entity}; \`source_id\` is the ${entity}'s id.\n`,
    ...table(["column", "comes from", "feeds", "prints", "required"], rows),
  ];
}

function optionRows(): readonly (readonly string[])[] {
  const meanings = {
    splitCompanyNames: "Split the names of `Commercial` customers like a person's.",
    leaveOutInactiveCustomers:
      "Deliver no member record of an inactive customer; one that was delivered is removed. Its invoices stay.",
    leaveOutMergedCustomers: "The same for a customer that was merged into another.",
  };
  return Object.entries(meanings).map(([option, meaning]) => [
    `\`rules.${option}\``,
    `\`${defaultRules[option as keyof typeof meanings]}\``,
    meaning,
  ]);
}

function pathTable({ record, roots }: RecordPlan): readonly string[] {
  const rows = Object.entries(roots).map(([root, { feed, isList }]) => [
    `\`${root}\``,
    isList ? "list" : "",
    [...feed.fields.always, ...feed.fields.sometimes].map((field) => `\`${field}\``).join(" "),
  ]);
  return [
    `Of ${record === "member" ? "a member" : "an invoice"}:\n`,
    ...table(["entity", "", "fields"], rows),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line), ""];
}

function code(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\`\n`;
}

function percent(share: number): string {
  return `${share * 100} %`;
}

/** An object as a person writes it. */
function print(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(/"(\w+)":/g, "$1:");
}
