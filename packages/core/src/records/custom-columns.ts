import { noTexts, type RowTexts } from "../json/exact-numbers.js";
import { cleanText } from "./clean-text.js";
import { followPath, type PathStep, textOf } from "./column-path.js";
import type { ColumnFormat, ColumnFunction } from "./company-mapping.js";
import { printCountry } from "./country.js";
import { printBusinessDate, printInstant } from "./date-time.js";
import { htmlText } from "./html-text.js";
import { normalizeInstant } from "./instant.js";
import type { RuleViolation } from "./map-outcome.js";
import { printPhone } from "./phones.js";
import type { ByRecordType, RecordType } from "./record.js";
import { foldStatus } from "./status.js";

/** A column of a company's mapping, checked and ready to be read. */
export interface CustomColumn {
  readonly name: string;
  readonly source: readonly PathStep[] | ColumnFunction<never>;
  readonly format: CustomColumnFormat;
}

/** A company's mapping, checked and ready to be read. */
export type CustomColumns = ByRecordType<readonly CustomColumn[]>;

export const noCustomColumns: CustomColumns = {};

/** The columns of one record type. */
export function columnsFor(columns: CustomColumns, record: RecordType): readonly CustomColumn[] {
  return columns[record] ?? [];
}

/** The formats of a mapping, and those that columns of the host's tables have of themselves. */
export type CustomColumnFormat = ColumnFormat | "country" | "status" | "appointment" | "raw";

/** How columns of the host's tables print whatever a mapping gives; all others as text. */
export const formatOfColumn: Readonly<Record<string, CustomColumnFormat>> = {
  country: "country",
  current_status: "status",
  customer_phone_number_primary: "phone",
  first_appointment: "appointment",
  invoice_summary: "html",
  summary: "html",
  // Amounts are read digit by digit, by their own rule.
  total: "raw",
};

/** The values of a company's columns, or what is wrong with its mapping. */
export interface CustomValues {
  readonly values: ReadonlyMap<string, string | null>;
  readonly violation: RuleViolation | null;
}

/** Makes the values of columns. One that cannot be made breaks the rule `mapping`: nothing is dropped silently. */
export function readColumns(
  columns: readonly CustomColumn[],
  joined: object,
  timeZone: string,
  texts: RowTexts = noTexts,
): CustomValues {
  const values = new Map<string, string | null>();
  const faults: string[] = [];
  for (const column of columns) {
    const found = readColumn(column, joined, texts);
    if (found.kind === "fault") faults.push(`${column.name}: ${found.fault}`);
    else values.set(column.name, printValue(textOf(found.value), column.format, timeZone));
  }
  const violation =
    faults.length === 0 ? null : { rule: "mapping", message: `the mapping of ${faults.join("; ")}` };
  return { values, violation };
}

function readColumn({ source }: CustomColumn, joined: object, texts: RowTexts) {
  if (typeof source !== "function") return followPath(joined, source, texts);
  try {
    // A function's result must be a value that a path may lead to.
    return followPath({ answer: source(joined as never) as unknown }, [{ kind: "field", name: "answer" }]);
  } catch (error) {
    // Its message may contain personal data.
    const name = error instanceof Error ? error.name : typeof error;
    return { kind: "fault", fault: `the function failed with ${name}` } as const;
  }
}

function printValue(text: string | null, format: CustomColumnFormat, timeZone: string): string | null {
  const clean = cleanText(text);
  if (clean === null) return null;
  switch (format) {
    case "html":
      return htmlText(text);
    case "date-time":
      return printInstant(clean, timeZone);
    case "date":
      return printBusinessDate(clean);
    case "phone":
      return printPhone(clean);
    case "country":
      return printCountry(clean);
    case "status":
      return foldStatus(clean);
    case "appointment":
      // Text that is not an instant has the company's own format.
      return normalizeInstant(clean) === null ? clean : printInstant(clean, timeZone);
    case "text":
    case "raw":
      return clean;
  }
}
