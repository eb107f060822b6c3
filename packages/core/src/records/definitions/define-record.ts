import type { Feed, RowOf } from "../../feeds/feed.js";
import type { RowTexts } from "../../json/exact-numbers.js";
import type { CompanyRules } from "../company-rules.js";
import type { MapContext } from "../map-context.js";
import type { MapOutcome } from "../map-outcome.js";
import type { HostRecord, RecordType } from "../record.js";
import type { FieldsOf, JoinedOf, RecordJoin, Relation } from "./define-join.js";

/** What there is to say about a column of a record. */
export interface RecordColumn<Field extends string = string> {
  /** The sources of its value in order of preference, for people; paths are those of a mapping. */
  readonly from: string;
  /** Every field that it is made of, each after the name of the driver or a relation: `customer.name`. */
  readonly reads: readonly Field[];
  /** How it prints, if that is more than clean text. @defaultValue `null` */
  readonly prints?: string | null;
  /** Whether it may be empty. @defaultValue false */
  readonly isOptional?: boolean;
}

/** One for each column of a record, in the order of the host's table. */
export type RecordColumns<Made, Field extends string = string> = {
  readonly [Column in keyof Made & string]: RecordColumn<Field>;
};

/** Says where the columns of a record come from that is joined so. A field that there is not does not compile. */
export function defineColumns<
  Driver extends Feed,
  DriverName extends string,
  Related extends Readonly<Record<string, Relation>>,
>(_join: RecordJoin<Driver, DriverName, Related>) {
  return <Made extends HostRecord>(
    columns: RecordColumns<Made, FieldsOf<Driver, DriverName, Related>>,
  ): typeof columns => columns;
}

/** The columns that may not be empty. */
export function requiredColumns(columns: Readonly<Record<string, RecordColumn>>): readonly string[] {
  return Object.entries(columns).flatMap(([name, { isOptional }]) => (isOptional === true ? [] : [name]));
}

/** What one record type is made of. */
export interface RecordDefinition<
  Driver extends Feed = Feed,
  DriverName extends string = string,
  Related extends Readonly<Record<string, Relation>> = Readonly<Record<string, Relation>>,
> extends RecordJoin<Driver, DriverName, Related> {
  readonly type: RecordType;
  /** In the order of the host's table. */
  readonly columns: Readonly<Record<string, RecordColumn>>;
  /** Whether a company wants no record of a driver's row, although ServiceTitan has it. */
  isLeftOut(row: never, rules: CompanyRules): boolean;
  /**
   * Makes a record, or names the rules that it breaks. Pure; the order of related entities does not matter. Only the
   * engine calls it.
   * @internal
   */
  map(joined: never, context: MapContext, texts: RowTexts): MapOutcome<HostRecord>;
  /** Names of its rules in addition to this library's. @defaultValue none */
  readonly ruleNames?: readonly string[];
  /**
   * How an erasure finds a record that was delivered before its row went to another customer: by the record's column
   * `customer_id`, or not at all. @defaultValue "customer_id"
   */
  readonly erasedBy?: ErasedBy;
}

/** `links`: by the links of landed rows alone, so that a record whose row went to another customer stays. */
export type ErasedBy = "customer_id" | "links";

/** What one record type is made of, as it is written down. */
export interface RecordInput<
  Driver extends Feed,
  DriverName extends string,
  Related extends Readonly<Record<string, Relation>>,
  Made extends HostRecord,
> {
  readonly type: RecordType;
  readonly columns: RecordColumns<Made, FieldsOf<Driver, DriverName, Related>>;
  /** Whether a company wants no record of a driver's row, although ServiceTitan has it. */
  isLeftOut(row: RowOf<Driver>, rules: CompanyRules): boolean;
  /** Makes a record, or names the rules that it breaks. Pure; the order of related entities does not matter. */
  map(
    joined: JoinedOf<RecordJoin<Driver, DriverName, Related>>,
    context: MapContext,
    texts: RowTexts,
  ): MapOutcome<Made>;
}

/** Says what a record type is made of that is joined so: its columns, and how they are filled. */
export function describeRecord<
  Driver extends Feed,
  DriverName extends string,
  Related extends Readonly<Record<string, Relation>>,
  Made extends HostRecord,
>(
  join: RecordJoin<Driver, DriverName, Related>,
  definition: RecordInput<Driver, DriverName, Related, Made>,
): RecordDefinition<Driver, DriverName, Related> {
  return { ...join, ...definition };
}
