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
import { ruleList } from "../rules.js";

// docs/records.md is generated from the tables that the code itself uses, so it cannot become outdated.

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
    "<!-- Generated from the tables in packages/core/src/records by scripts/generate-records-doc.mjs. Do not edit. -->\n",
    "A sync delivers one member record for each ServiceTitan customer and one invoice record for each invoice. " +
      "This page says where every column comes from, which rules a record must pass, and which options a company may set.\n",
    "## Columns\n",
    ...shippedCatalog.plans.flatMap(columnsOf),
    "All text is trimmed, runs of whitespace become one space, and text that is then empty becomes `null`. Invisible characters (zero-width spaces, soft hyphens, direction marks) are removed at both ends and next to whitespace, and text that has only such characters is empty; phone numbers contain none. Impossible dates count as missing (the rule `dates` reports those of appointments), and so do the API's zero dates; a date that a time zone would move beyond the year 9999 prints in UTC. In a list with `else`, " +
      "a value that is empty after cleaning counts as missing. One of a customer's memberships that are not `Deleted` represents it: " +
      "an `Active` one first, then the one that ends last (no end counts as last), then the one that began last, then the highest id. " +
      "Until a feed has been read to its end once, columns that need it are empty and do not fall back.\n",
    "## Rules\n",
    "A row passes three checks. Its *structure* is checked when it is read: a field whose type differs from ServiceTitan's documentation " +
      "rejects the row (stage `structure`; null fields pass, except ids; for absent fields see [below](#when-the-api-changes)). The *business rules* below check each record " +
      "(stage `record`). Finally, a *sink* may refuse a record (stage `sink`). A rejected row is kept with the reason and its payload, counted, " +
      "and cleared by a later successful delivery; the others of its batch are delivered. If a record is rejected that was delivered before, " +
      "sinks and exports keep the earlier version.\n",
    "A sink that cannot store a record refuses only that record, with a reason: see [when a sink fails or refuses](reliability.md#when-a-sink-fails-or-refuses). " +
      "The other records of its batch are delivered. A failing sink does not refuse records: the batch is kept and sent again.\n",
    "Each business rule has a level, which a company may set:\n",
    "- `off`: not checked\n- `warn`: the record is delivered, and the run has a warning with the number of records\n- `reject`: the record is not delivered, and a rejection is kept instead\n",
    ...table(
      ["rule", "records", "requires", "default", "rejection", "warning"],
      ruleList.map((rule) => [
        `\`${rule.setting}\``,
        rule.records.join(", "),
        rule.asks,
        `\`${defaultRules[rule.setting]}\``,
        `\`${rule.rejectsAs}\``,
        `\`${rule.warning.code}\``,
      ]),
    ),
    "A record has one rejection that lists every rule it breaks. Messages name fields and ids, never values. If a mapping cannot compute a column " +
      "(its function fails, its path leads to a list or an object), the record is rejected by the rule `mapping`, whatever the levels.\n",
    "After a change of rules, of a mapping or of the sink, `titan-sync rejections replay --all` (or `titan.rejections.replay({ credentialId })`) tries " +
      "rejected rows and records again: rows are checked and records derived again, without the API. `rejections count` counts by reason, " +
      "`rejections list` and `rejections export` show them.\n",
    "A run's `failed` counts rejected records and rejected rows of every feed; the warnings `ROWS_REJECTED` for each feed and `RECORDS_REJECTED` for each record type give the numbers. " +
      "In the ledger `derived = delivered + unchanged + leftOut + rejected` counts only records: a rejected row was never derived.\n",
    "### When the API changes\n",
    "Each page is judged before any of it is stored.\n",
    ...table(
      ["what a page contains", "what happens"],
      [
        [
          `No usable row, among ${minRowsOfVerdict} or more rows, or among all rows of a first pass.`,
          "Nothing of it is stored and the feed's position stays: `DATA_DRIFT`. The run fails if the feed provides the records, and is `partial` if it only adds fields. The next run reads the same rows again.",
        ],
        [
          "Some rows that cannot be used.",
          "They are rejected, the others are stored, and the run warns: `ROWS_REJECTED`.",
        ],
        [
          `${minRowsOfVerdict} or more rows, all without a field that columns use and that ServiceTitan documents for every row or that landed rows have.`,
          "The same as without a usable row. `FIELD_ABSENT` names the feed, the field and the columns. Delivered records are kept.",
        ],
        [
          `On a smaller page, or on a larger page if the field is documented for every row: a row without a field that its landed version has.`,
          "The row is rejected by the rule `drift`, its landed version is kept, and `FIELD_ABSENT` warns.",
        ],
        [
          "A row without a part of an object, such as `address.unit`, or one of many rows without an optional field, although its landed version has it.",
          "It is stored, its column is delivered empty, and `FIELD_ABSENT` warns: what has no value may be left out.",
        ],
        [
          "In a full sync, a row whose id cannot be read.",
          "Nothing of that feed is removed, unless removals are allowed: `REMOVALS_HELD_BACK`.",
        ],
        [
          "New undocumented fields, or missing documented fields that no column needs.",
          "`SCHEMA_DRIFT` reports each once per run; rows are stored unchanged.",
        ],
        [
          "A list total that counts rows which the list never returns.",
          "The list is read twice; where both readings say the same, it is taken as read, with a warning: `TOTAL_NOT_GIVEN`. As long as the total is wrong by as many rows, later runs read it once and do not warn again.",
        ],
      ],
    ),
    "A field that is `null` counts as present: ServiceTitan says that its value is empty. Fields that only a mapping function reads are unknown and are not checked. " +
      "A company can accept a missing field with `acceptAbsent`, and turn off a related feed with `feeds`; both mean consent to empty columns.\n",
    "### Quality of a run\n",
    "When a run ends, it is compared with the last runs of its credential, and warns of problems that no single record shows. " +
      `Fewer than ${qualityLimits.minSample} records or rows are not compared.\n`,
    ...table(
      ["warning", "when"],
      [
        [
          "`REJECTED_SHARE`",
          `The share of rejected records, or of rejected rows of a feed, is more than ${percent(qualityLimits.rejectedShare)} (points) above that of the previous runs, or above zero if there were too few records to compare with, as in a first run.`,
        ],
        [
          "`EMPTY_COLUMN_SHARE`",
          `A column is empty in a share of the records that is more than ${percent(qualityLimits.emptyShare)} (points) above that of the previous runs that had the column.`,
        ],
        [
          "`ROW_COUNT`",
          `A feed had more than ${percent(qualityLimits.rowCount)} more or fewer rows in a full run than in the last full one.`,
        ],
        [
          "`REPEATED_IDS`",
          `More than ${percent(qualityLimits.repeatedShare)} of a feed's rows repeat an id in a full run, or are older than the landed version.`,
        ],
        ["`REMOVALS_NOT_WRITTEN`", "Records were removed, but the sink only appends."],
      ],
    ),
    "## Company options\n",
    "The `company` function of `createTitanSync` returns it, or `titan.companies.save` keeps it. For the program it stands by company id under " +
      "`companies` in the configuration file, `titan-sync.config.{ts,js,json,yaml}` in the working directory or the file named by `--config`; an option in the file " +
      "overrides the one that `credential add` has stored. Options are checked when a run starts, and by every command of the program: " +
      "all mistakes are listed at once, and nothing is changed.\n",
    ...table(
      ["option", "default", "meaning"],
      [
        ["`trade`", "none", "The record's `trade`, for instance HVAC. Required."],
        ["`importId`", "`null`", "The record's `hub_plus_import_id`; a sync request may override it."],
        ["`timeZone`", "`UTC`", "IANA name of the time zone in which instants print."],
        ...ruleList.map((rule) => [
          `\`rules.${rule.setting}\``,
          `\`${defaultRules[rule.setting]}\``,
          `Level of the rule above: ${ruleLevels.map((level) => `\`${level}\``).join(", ")}.`,
        ]),
        [
          "`rules.alsoRequired`",
          "none",
          "`{ member: […], invoice: […] }`: further columns that the rule `required` requires, including added ones.",
        ],
        ...optionRows(),
        ["`mapping`", "none", "Columns that are filled from other fields, or added; see below."],
        [
          "`feeds`",
          "all read",
          `Related feeds to turn off: \`{ memberships: "off" }\`. One of ${shippedCatalog.related.map((feed) => `\`${feed}\``).join(", ")}.`,
        ],
        [
          "`acceptAbsent`",
          "none",
          'Documented fields that may be missing from the API, leaving their columns empty: `["customer-contacts.value"]`. See [above](#when-the-api-changes).',
        ],
      ],
    ),
    "An example that is stricter than the defaults, for an embedding application:\n",
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
    "For the program, with a custom column ([below](#custom-columns)):\n",
    code("ts", `// titan-sync.config.ts\nexport default ${print(exampleConfiguration)};`),
    "Delivered records do not change until they are derived again. After a change of rules or mapping:\n",
    code(
      "sh",
      `titan-sync doctor                                            # is the file valid?
titan-sync sync --all --data both --rederive --dry-run       # what would change?
titan-sync sync --all --data both --rederive                 # or titan.sync({ credentialId, rederive: true })
titan-sync rejections count                                  # what is rejected now, and why
titan-sync export invoices --company acme --out invoices.csv # the new column is the last one`,
    ),
    "This sends no request to ServiceTitan. Do it once every process has the new rules and the new mapping: a change in ServiceTitan only derives records that show the changed field, and a process with the old mapping does not know which fields the new one shows. A column from a function may show any field, so every change of its entities derives its record again.\n",
    "### Turning off feeds\n",
    'If a tenant lacks a module or an app lacks a scope, every run is `partial`. `feeds: { memberships: "off", "membership-types": "off" }` turns related feeds off: they are not read, ' +
      "their scopes are not requested, and runs are `completed` without them. Columns that need them are intentionally empty, without fallback, even if their rows were stored before; only `first_appointment`, " +
      "which is required, falls back to the invoice's date. The feeds that provide the records, `customers` and `invoices`, cannot be turned off. The first run after a feed was turned off or on derives all records that use it.\n",
    "## Custom columns\n",
    "`mapping.member` and `mapping.invoice` map column names to sources: a path into the joined entities, or a function of them. " +
      "The name of an existing column replaces its source; any other name adds a column.\n",
    code("ts", `mapping: ${print(exampleMapping)}`),
    code(
      "ts",
      `mapping: {
  invoice: {
    trade: ({ invoice }) => (invoice.job?.type?.startsWith("Drain") ? "Plumbing" : "HVAC"),
  },
}`,
    ),
    "A path starts with an entity, followed by fields that ServiceTitan documents. Misspelled fields are reported when a run starts.\n",
    ...shippedCatalog.plans.flatMap(pathTable),
    "| step | leads to |\n| --- | --- |\n| `.name` | a field |\n| `[0]` | an element of a list, from 0 |\n" +
      '| `[name=Gate code]` | the first element of a list whose field has this text; quoted if it contains a bracket: `[name="A]B"]` |\n',
    "If part of the path is absent, the value is `null`. A path must lead to text, a number, `true` or `false`. A function gets the same entities as one object, " +
      "must be pure (it may be called again at any time), and returns one of these or `null`.\n",
    `Values print as clean text, or in the format of the column that they fill. \`{ from: "…", as: "…" }\` sets another format: ${columnFormats
      .map((format) => `\`${format}\``)
      .join(
        ", ",
      )}. \`text\` is clean text, \`html\` plain text with its line breaks, \`date-time\` an instant in the company's time zone, ` +
      "`date` an unchanged date, `phone` a number in the format of the phone columns.\n",
    "Columns that depend on a filled column use its new value: first and last name from `customer_name`, `active_member` from `current_status`. " +
      "The rules check the result.\n",
    `Column names have at most 63 lower-case letters, digits and underscores. A mapping may not fill: ${[
      ...fixedColumns,
      ...tableColumns,
    ]
      .map((column) => `\`${column}\``)
      .join(", ")}.\n`,
    "Added columns are passed unchanged to a host's function, JSON Lines and CSV, and to your own PostgreSQL tables (`postgresAppendSink`) " +
      "that have a text column of that name. The stream tables of `postgresSink` have no such columns, but `titan-sync export` writes them: in CSV " +
      "after `source_id`, ordered by name, empty for companies and records without them; in JSON lines only for records that have them.\n",
    "## Reconciling with a manual report\n",
    "`titan-sync reconcile members|invoices --company <id> --report <file.csv|file.xlsx> [--out <file>] [--json]` compares the current " +
      "records with a manually exported report: members by `customer_id`, invoices by `invoice_number`, in every column that the report has, " +
      "after the same normalization on both sides. It prints the numbers of equal, different and one-sided rows and the exact sums of the totals, " +
      "and exits 3 if the two sides disagree. Rows of [erased](reliability.md#erasing-a-customer) customers are counted separately and not compared, if the report has the customer's id. Its memory hardly grows with the number of rows: [a million](reliability.md#results) were compared with a heap of 256 MB. Headers match regardless of case; the first header of a column that is present is used:\n",
    ...table(
      ["column", "headers"],
      Object.entries({ ...reportHeaders.member, ...reportHeaders.invoice }).map(([column, headers]) => [
        `\`${column}\``,
        headers.join(", "),
      ]),
    ),
  ].join("\n");
}

/** The examples must pass the check. */
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
  return `${share * 100}%`;
}

/** An object as a person would write it. */
function print(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(/"(\w+)":/g, "$1:");
}
