import type { Feed, RowOf } from "../../feeds/feed.js";
import type { RowTexts } from "../../json/exact-numbers.js";
import type { ColumnValue } from "../company-mapping.js";
import { columnsFor, readColumns } from "../custom-columns.js";
import type { CompanyProfile, MapContext } from "../map-context.js";
import type { MapOutcome, RuleViolation } from "../map-outcome.js";
import type { OwnRecord, RecordType } from "../record.js";
import type { FieldsOf, JoinedOf, JoinInput, NamedRelations, RecordJoin } from "./define-join.js";
import { type ErasedBy, type RecordColumn, type RecordDefinition, requiredColumns } from "./define-record.js";
import { attempt, exactText, ownValues } from "./own-values.js";

/** What a map of a host's own record type needs besides the joined entities. */
export interface OwnMapContext {
  readonly company: CompanyProfile;
  /**
   * A field of a joined row as text: a number with the digits that ServiceTitan wrote, which a `number` may lose. For
   * money and other decimals.
   * @param path - From the row: `subtotal`, `customer.id`, `items[0].total`.
   */
  exact(row: object | null | undefined, path: string): string | null;
}

/** A business rule of a host's own record type. */
export interface OwnRule<Joined, Column extends string> {
  /** Its name in rejections and warnings. It must differ from the names of this library's rules. */
  readonly name: string;
  /**
   * `reject` keeps a rejection instead of the record; `warn` delivers the record, and the run warns with
   * the number.
   */
  readonly level: "warn" | "reject";
  /** What is wrong, naming fields and ids but never values; `null` if nothing is. */
  readonly fault: (record: Readonly<Record<Column, string | null>>, joined: Joined) => string | null;
}

/** A record type of a host's own, as it is written down. */
export interface OwnRecordInput<
  Driver extends Feed,
  DriverName extends string,
  Related extends NamedRelations,
  Column extends string,
> extends Omit<JoinInput<Driver, DriverName, Related>, "choices"> {
  /** Its name in batches, runs and mappings, for instance `technician`: lower-case letters, digits and underscores. */
  readonly type: RecordType;
  /**
   * The sources of each column, in the order in which they are written. A column that is not optional must
   * have a value.
   */
  readonly columns: Readonly<Record<Column, RecordColumn<FieldsOf<Driver, DriverName, Related>>>>;
  /**
   * Makes a record's values from the joined entities. Pure; the order of related entities does not matter.
   * Values print as clean text, empty ones as `null`. If it throws, the record is rejected by the rule
   * `mapping`.
   */
  map(
    joined: JoinedOf<RecordJoin<Driver, DriverName, Related>>,
    context: OwnMapContext,
  ): Readonly<Record<NoInfer<Column>, ColumnValue>>;
  /**
   * Whether to make no record for a row that ServiceTitan has; one that was delivered before is removed. If
   * it throws, the record is rejected by the rule `mapping`. @defaultValue every row has a record
   */
  isLeftOut?(row: RowOf<Driver>): boolean;
  /** Rules for a record in addition to its required columns. @defaultValue none */
  readonly rules?:
    | readonly OwnRule<JoinedOf<RecordJoin<Driver, DriverName, Related>>, NoInfer<Column>>[]
    | undefined;
  /**
   * How an erasure finds a record that was delivered before its row went to another customer: by the record's column
   * `customer_id`. A record that is made from customers' rows and has no such column uses `links` here, and
   * accepts that such a record stays. @defaultValue "customer_id"
   */
  readonly erasedBy?: ErasedBy | undefined;
}

/**
 * Defines a record type of a host's own, for `records` of {@link createTitanSync}: the feed of which each entity
 * becomes one record, the feeds that it is joined with, its columns and how they are filled.
 *
 * A relation that names no link between the two feeds, or a column that reads a field that is not there, does not
 * compile. Other mistakes are reported when the instance is created.
 *
 * @example
 * const technician = defineRecord({
 *   type: "technician",
 *   driver: technicians,
 *   driverName: "technician",
 *   relations: {},
 *   columns: {
 *     tenant: { from: "the company", reads: [] },
 *     name: { from: "`technician.name`", reads: ["technician.name"] },
 *   },
 *   map: ({ technician }, { company }) => ({ tenant: company.companyId, name: technician.name }),
 * });
 */
export function defineRecord<
  Driver extends Feed,
  const DriverName extends string,
  const Related extends NamedRelations,
  const Column extends string,
>(
  definition: OwnRecordInput<Driver, DriverName, Related, Column>,
): RecordDefinition<Driver, DriverName, Related> {
  const { type, driver, driverName, relations, columns, rules = [], erasedBy = "customer_id" } = definition;
  type Joined = JoinedOf<RecordJoin<Driver, DriverName, Related>>;
  const names = Object.keys(columns);
  const required = requiredColumns(columns);
  const leftOut = (row: RowOf<Driver>) => attempt("isLeftOut", () => definition.isLeftOut?.(row) === true);

  function map(joined: Joined, { company }: MapContext, texts: RowTexts): MapOutcome<OwnRecord> {
    const answer = leftOut((joined as Readonly<Record<string, RowOf<Driver>>>)[driverName] as RowOf<Driver>);
    if (answer.kind === "fault") return rejected([{ rule: "mapping", message: answer.fault }]);
    const context: OwnMapContext = { company, exact: (row, path) => exactText(row, path, texts) };
    const made = ownValues(names, () => definition.map(joined, context));
    if (made.kind === "fault") return rejected([{ rule: "mapping", message: made.fault }]);
    const custom = readColumns(columnsFor(company.columns, type), joined as object, company.timeZone, texts);
    const record: OwnRecord = { ...made.values, ...Object.fromEntries(custom.values) };
    const violations: RuleViolation[] = custom.violation === null ? [] : [custom.violation];
    const warnings: RuleViolation[] = [];
    const add = (level: "warn" | "reject", violation: RuleViolation): void => {
      (level === "reject" ? violations : warnings).push(violation);
    };
    const { required: level, alsoRequired } = company.rules;
    const asked = new Set([...required, ...(alsoRequired[type] ?? [])]);
    const empty = [...asked].filter((column) => (record[column] ?? null) === null);
    if (empty.length > 0 && level !== "off") {
      add(level, { rule: "required", message: `required and empty: ${empty.join(", ")}` });
    }
    for (const { name: rule, level, fault } of rules) {
      const found = attempt("it", () => fault(record as Readonly<Record<Column, string | null>>, joined));
      // If a rule throws, it is unknown whether the record satisfies it.
      if (found.kind === "fault")
        add("reject", { rule, message: `the rule could not be checked: ${found.fault}` });
      else if (found.value !== null) add(level, { rule, message: found.value });
    }
    return violations.length > 0 ? rejected(violations) : { kind: "record", record, warnings };
  }

  return {
    type,
    driver,
    driverName,
    relations,
    choices: {},
    columns,
    // If it throws, the map rejects the record.
    isLeftOut(row: RowOf<Driver>) {
      const answer = leftOut(row);
      return answer.kind === "done" && answer.value;
    },
    map,
    ruleNames: rules.map(({ name }) => name),
    erasedBy,
  };
}

function rejected(violations: readonly RuleViolation[]): MapOutcome<OwnRecord> {
  return { kind: "rejected", violations };
}
