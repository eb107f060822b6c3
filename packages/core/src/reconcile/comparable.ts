import { cleanText } from "../records/clean-text.js";
import { printCountry } from "../records/country.js";
import { htmlText } from "../records/html-text.js";
import { readAmount } from "../records/money.js";
import { completeNames } from "../records/names.js";
import { printPhone } from "../records/phones.js";
import { foldStatus } from "../records/status.js";
import { printedDate } from "./printed-date.js";

/** A row's values by column, as they came. */
export type RawRow = Readonly<Record<string, string | null | undefined>>;

/** A row as two sources must agree on it. */
export type ComparableRow = Readonly<Record<string, string | null>>;

const yes = new Set(["yes", "y", "true", "1", "active"]);

/**
 * How to compare columns that are more than clean text. Phones compare as a set: reports list them in any
 * order.
 */
const forms: Readonly<Record<string, (text: string) => string | null>> = {
  customer_phone_numbers: (text) => {
    const phones = text.split(/[,;]/).map(cleanText);
    return [...new Set(phones.filter((phone) => phone !== null).map(printPhone))].sort().join(", ") || null;
  },
  customer_phone_number_primary: printPhone,
  active_member: (text) => (yes.has(text.toLowerCase()) ? "Yes" : null),
  current_status: foldStatus,
  first_appointment: printedDate,
  total: plainAmount,
};

const htmlColumns = new Set(["summary", "invoice_summary"]);

/**
 * A row after the normalization that records get, so that only true differences are left: blanks, the formats
 * of phones, amounts, dates and countries, words for a status, names that follow from each other.
 *
 * @param columns - those that both sources have; others are left out.
 */
export function comparableRow(row: RawRow, columns: ReadonlySet<string>): ComparableRow {
  const comparable: Record<string, string | null> = {};
  for (const column of columns) {
    const raw = row[column];
    const text = htmlColumns.has(column) ? plainText(raw) : cleanText(raw);
    comparable[column] = text === null ? null : (forms[column]?.(text) ?? (column in forms ? null : text));
  }
  if (columns.has("country")) comparable["country"] = printCountry(comparable["country"] ?? null);
  return withNames(comparable, columns);
}

/**
 * Reports contain such text as HTML or as plain text, on one line or several. Both are reduced until they
 * no longer change.
 */
function plainText(raw: string | null | undefined): string | null {
  let text = cleanText(raw);
  for (;;) {
    const plainer = cleanText(htmlText(text));
    if (plainer === text) return text;
    text = plainer;
  }
}

/** One source may give only a full name, and the other its parts. */
function withNames(
  row: Readonly<Record<string, string | null>>,
  columns: ReadonlySet<string>,
): ComparableRow {
  const names = completeNames({
    full: row["customer_name"] ?? null,
    first: row["customer_first_name"] ?? null,
    last: row["customer_last_name"] ?? null,
  });
  return {
    ...row,
    ...(columns.has("customer_name") && { customer_name: names.full }),
    ...(columns.has("customer_first_name") && { customer_first_name: names.first }),
    ...(columns.has("customer_last_name") && { customer_last_name: names.last }),
  };
}

/** Removes insignificant zeros; text that is not an amount remains visible. */
function plainAmount(text: string): string {
  const amount = readAmount(text);
  if (amount.kind !== "decimal") return text;
  return amount.text.includes(".") ? amount.text.replace(/\.?0+$/, "") : amount.text;
}

/** The columns in which two rows differ. A date without a time agrees with every time of its day. */
export function differingColumns(one: ComparableRow, other: ComparableRow): readonly string[] {
  return Object.keys(one).filter((column) => {
    const [left, right] = [one[column] ?? null, other[column] ?? null];
    if (left === right) return false;
    const isDate = column === "first_appointment" && left !== null && right !== null;
    return !(
      isDate &&
      (left.length === 10 || right.length === 10) &&
      left.slice(0, 10) === right.slice(0, 10)
    );
  });
}
