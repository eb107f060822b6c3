import type { Row } from "@titan-sync/simulator";
import { plain } from "./text.js";

/** An object inside a row; an empty one when it is missing. */
export function inside(row: Row | undefined, field: string): Readonly<Record<string, unknown>> {
  const value = row?.[field];
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

/** First and last name out of a full one. */
export function splitName(name: string | null): { first: string | null; last: string | null } {
  const [first = null, last = null] = name?.split(" ") ?? [];
  return { first, last };
}

/** Mobile phones, then phones, each by id; ten digits print as a US number. */
export function phonesOf(contacts: readonly Row[]): readonly string[] {
  const ofType = (type: string) =>
    contacts
      .filter((contact) => contact["type"] === type && contact["active"] !== false)
      .sort((left, right) => left.id - right.id);
  const numbers = [...ofType("MobilePhone"), ...ofType("Phone")].flatMap((contact) => {
    const number = plain(contact["value"]);
    return number === null ? [] : [printPhone(number)];
  });
  return [...new Set(numbers)];
}

function printPhone(number: string): string {
  if (/[+a-z]/i.test(number)) return number;
  const [, area, exchange, line] = /^(\d{3})(\d{3})(\d{4})$/.exec(number.replace(/\D/g, "")) ?? [];
  return area === undefined ? number : `(${area}) ${exchange}-${line}`;
}

/** The five columns of an address, and `country`. */
export function addressColumns(address: Readonly<Record<string, unknown>>) {
  const country = plain(address["country"]);
  const isHome = country === null || ["us", "usa", "united states"].includes(country.toLowerCase());
  return {
    street: plain(address["street"]),
    unit: plain(address["unit"]),
    city: plain(address["city"]),
    state: plain(address["state"]),
    zip: plain(address["zip"]),
    country: isHome ? "US" : country,
  };
}

/** `YYYY-MM-DD HH:mm:ss` as a clock in that zone shows the instant. */
export function localTime(instant: unknown, timeZone: string): string | null {
  if (typeof instant !== "string" || instant.startsWith("0001-01-01")) return null;
  // The Swedish way of writing a date is the wanted one.
  return new Date(instant).toLocaleString("sv-SE", { timeZone });
}

/** A business date has no zone. */
export function businessDay(instant: unknown): string | null {
  if (typeof instant !== "string" || instant.startsWith("0001-01-01")) return null;
  return `${instant.slice(0, 10)} 00:00:00`;
}

const statusWords: Readonly<Record<string, string>> = {
  active: "Active",
  current: "Active",
  enabled: "Active",
  good: "Active",
  inactive: "Inactive",
  disabled: "Inactive",
  deactivated: "Inactive",
  suspended: "Inactive",
  pending: "Pending",
  new: "Pending",
};

export function foldStatus(word: string | null): string | null {
  return word === null ? null : (statusWords[word.toLowerCase()] ?? word);
}
