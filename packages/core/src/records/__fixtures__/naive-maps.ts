import type { FeedName } from "../../feeds/feed.js";
import type { JoinedInvoice } from "../definitions/invoice.js";
import type { JoinedMember } from "../definitions/member.js";
import type { MapContext } from "../map-context.js";

// A second implementation of the record rules, written rule by rule and regardless of speed, which shares
// nothing with the first but the input types. If the two differ, one of them is wrong.

type Row = Record<string, string | number | null>;

/** A record with the names of what it warns of, or the names of the rules that reject it. */
export type NaiveOutcome = { readonly record: Row; readonly warns: string[] } | { readonly rules: string[] };

export function naiveMember(joined: JoinedMember, context: MapContext): NaiveOutcome {
  const { customer, memberships, membershipTypes } = joined;
  const read = (feed: FeedName) => context.drained.has(feed);

  const candidates = memberships
    .filter((membership) => tidy(membership.status).toLowerCase() !== "deleted")
    .sort((a, b) => Number(BigInt(b.id) - BigInt(a.id)))
    .sort((a, b) => compare(sevenths(b.from, "0000"), sevenths(a.from, "0000")))
    .sort((a, b) => compare(sevenths(b.to, "9999-12-31T24"), sevenths(a.to, "9999-12-31T24")))
    .sort((a, b) => Number(isActive(b.status)) - Number(isActive(a.status)));
  const chosen = candidates[0];

  let status: string | null = null;
  if (chosen !== undefined && tidy(chosen.status) !== "") status = statusWord(tidy(chosen.status));
  else if (read("memberships") && customer.active === false) status = "Inactive";

  let type = "";
  for (const candidate of membershipTypes) {
    if (chosen !== undefined && candidate.id === chosen.membershipTypeId) type = tidy(candidate.name);
  }
  if (type === "" && read("memberships") && read("membership-types"))
    type = tidy(customer.type) || "Customer";

  const row: Row = {
    ...common(context),
    customer_id: String(customer.id),
    ...names(tidy(customer.name), tidy(customer.type), context),
    ...phones(joined.contacts),
    ...place(customer.address),
    active_member: status === "Active" ? "Yes" : null,
    membership_type: type || null,
    current_status: status,
    version: context.version,
  };
  const mail = joined.contacts.some((contact) => {
    const text = tidy(contact.value);
    return contact.type === "Email" && contact.active !== false && text !== "" && !looksLikeMail(text);
  });
  return verdict("member", row, ["trade"], { mail }, context);
}

export function naiveInvoice(joined: JoinedInvoice, context: MapContext): NaiveOutcome {
  const { invoice, customer, job, firstAppointment, zone } = joined;
  const read = (feed: FeedName) => context.drained.has(feed);

  let name = tidy(customer?.name);
  if (name === "" && read("customers")) name = tidy(invoice.customer?.name);

  let appointment = printed(firstAppointment?.start, context.company.timeZone);
  if (appointment === null && read("jobs") && read("appointments")) {
    appointment = printed(invoice.invoiceDate, "UTC");
  }

  let summary = naiveText(job?.summary);
  if (summary === "" && read("jobs")) summary = naiveText(invoice.summary);

  const hasStreet = (address: typeof invoice.locationAddress) => tidy(address?.street) !== "";
  let address = invoice.locationAddress;
  if (!hasStreet(address) && (hasStreet(invoice.customerAddress) || !address))
    address = invoice.customerAddress;

  const total = amount(invoice.total);
  const below = total !== null && Number(total) < 0;
  const row: Row = {
    ...common(context),
    customer_id: invoice.customer?.id ? String(invoice.customer.id) : null,
    ...names(name, tidy(customer?.type), context),
    ...phones(joined.contacts),
    ...place(address),
    invoice_number: tidy(invoice.referenceNumber) || String(invoice.id),
    invoice_summary: naiveText(invoice.summary) || null,
    job_number: tidy(invoice.job?.number) || null,
    job_type: tidy(invoice.job?.type) || null,
    zone: tidy(zone?.name) || null,
    total,
    first_appointment: appointment,
    summary: summary || null,
  };
  const late = appointment !== null && appointment > "2026-11-30 20:53:20";
  const early = appointment !== null && Number(appointment.slice(0, 4)) < 1990;
  const start = (firstAppointment?.start ?? "").trim();
  const odd = start !== "" && !/^0001-01-01/.test(start) && printed(start, "UTC") === null;
  const date = late || early || odd;
  return verdict("invoice", row, ["trade", "first_appointment"], { below, date }, context);
}

interface Findings {
  readonly below?: boolean;
  readonly date?: boolean;
  readonly mail?: boolean;
}

function verdict(
  type: "member" | "invoice",
  row: Row,
  required: string[],
  { below = false, date = false, mail = false }: Findings,
  { company: { rules: levels } }: MapContext,
): NaiveOutcome {
  const rules: string[] = [];
  const warns: string[] = [];
  const note = (level: string, broken: boolean, rejection: string, warning = rejection) => {
    if (broken && level === "reject") rules.push(rejection);
    if (broken && level === "warn") warns.push(warning);
  };
  const phones = String(row["customer_phone_numbers"] ?? "");
  note(levels.names, row["customer_name"] === null, "names");
  note(levels.address, !row["zip"] || !row["street"] || !row["city"] || !row["state"], "address");
  note(levels.total, type === "invoice" && row["total"] === null, "total");
  note(levels.negativeTotal, below, "total", "negative-total");
  const all = [...required, ...(levels.alsoRequired[type] ?? [])];
  note(
    levels.required,
    all.some((column) => row[column] === null),
    "required",
  );
  note(levels.dates, date, "dates");
  note(levels.phones, phones !== "" && !phones.split(", ").every(looksLikePhone), "phones");
  note(levels.emails, mail, "emails");
  return rules.length > 0 ? { rules } : { record: row, warns };
}

function looksLikePhone(phone: string): boolean {
  let digits = [...phone].filter((character) => character >= "0" && character <= "9");
  for (const [marker = ""] of phone.matchAll(/(?<=\d[\s,;.(-]*)(?:extension|extn|ext|x|#)[\s.:=]*\d.*/gi)) {
    digits = digits.slice(0, digits.length - marker.replace(/\D/g, "").length);
  }
  return digits.length > 6 && digits.length < 16 && new Set(digits).size > 1;
}

function looksLikeMail(text: string): boolean {
  const [local = "", domain = "", ...more] = text.split("@");
  const parts = domain.split(".");
  return (
    more.length === 0 &&
    local !== "" &&
    local.length < 65 &&
    text.length < 255 &&
    parts.length > 1 &&
    parts.every((part) => part !== "") &&
    !/[\s,;<>()]/.test(text)
  );
}

function common({ company }: MapContext): Row {
  return {
    tenant: company.companyId,
    trade: tidy(company.trade) || null,
    software: "ServiceTitan",
    hub_plus_import_id: company.importId,
  };
}

/** Empty if there is nothing. */
const zeroWidth = new Set(
  [0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180e, 0x3164, 0xfeff, 0xffa0]
    .concat(range(0x200b, 0x200f), range(0x202a, 0x202e), range(0x2060, 0x206f), range(0xfff0, 0xfff8))
    .map((code) => String.fromCharCode(code)),
);

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function tidy(value: string | null | undefined): string {
  const words: string[] = [];
  let word = "";
  const end = (): void => {
    while (zeroWidth.has(word[0] ?? "")) word = word.slice(1);
    while (zeroWidth.has(word.at(-1) ?? "")) word = word.slice(0, -1);
    if (word !== "") words.push(word);
    word = "";
  };
  for (const character of value ?? "") {
    if (character === "\0") continue;
    if (/^\s$/.test(character) || character === "\u0085") end();
    else word += /^[\ud800-\udfff]$/.test(character) ? "\ufffd" : character;
  }
  end();
  const text = words.join(" ");
  return [...text].some((character) => character !== " " && !/^\p{DI}$/u.test(character)) ? text : "";
}

function names(full: string, type: string, { company }: MapContext): Row {
  const tokens = full === "" ? [] : full.split(" ");
  const whole = type === "Commercial" && !company.rules.splitCompanyNames;
  return {
    customer_name: full || null,
    customer_first_name: whole ? null : (tokens[0] ?? null),
    customer_last_name: whole ? null : (tokens[1] ?? null),
  };
}

function phones(contacts: JoinedMember["contacts"]): Row {
  const list: string[] = [];
  for (const type of ["MobilePhone", "Phone"]) {
    const ofType = contacts.filter((contact) => contact.type === type && (contact.active ?? true));
    for (const contact of ofType.sort((a, b) => (a.id < b.id ? -1 : 1))) {
      let phone = tidy(contact.value);
      const digits = [...phone].filter((character) => character >= "0" && character <= "9").join("");
      const [beforeMarker, ...afterMarker] = phone.split(/ext(?:n|ension)?|x|#/i);
      const extended = /\d/.test(beforeMarker ?? "") && afterMarker.some((rest) => /^[\s.:=]*\d/.test(rest));
      if (digits.length === 10 && !extended && !phone.includes("+")) {
        phone = `(${digits.substring(0, 3)}) ${digits.substring(3, 6)}-${digits.substring(6, 10)}`;
      } else {
        phone = [...phone].filter((character) => !zeroWidth.has(character)).join("");
      }
      if (phone !== "" && !list.includes(phone)) list.push(phone);
    }
  }
  return {
    customer_phone_numbers: list.join(", ") || null,
    customer_phone_number_primary: list[0] ?? null,
  };
}

function place(address: JoinedMember["customer"]["address"]): Row {
  const country = tidy(address?.country);
  return {
    street: tidy(address?.street) || null,
    unit: tidy(address?.unit) || null,
    city: tidy(address?.city) || null,
    state: tidy(address?.state) || null,
    zip: tidy(address?.zip) || null,
    country: ["", "USA", "UNITED STATES"].includes(country.toUpperCase()) ? "US" : country,
  };
}

function isActive(status: string | null | undefined): boolean {
  return tidy(status).toLowerCase() === "active";
}

function statusWord(status: string): string {
  switch (status.toLowerCase()) {
    case "active":
    case "current":
    case "enabled":
    case "good":
      return "Active";
    case "inactive":
    case "disabled":
    case "deactivated":
    case "suspended":
      return "Inactive";
    case "pending":
    case "new":
      return "Pending";
    default:
      return status;
  }
}

/** The instant with seven digits, or a substitute if it is missing. Supports only UTC. */
function sevenths(text: string | null | undefined, missing: string): string {
  if (!text || text.startsWith("0001-01-01")) return missing;
  const [seconds = "", fraction = ""] = text.replace("Z", "").split(".");
  return `${seconds}.${fraction.padEnd(7, "0")}`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function printed(text: string | null | undefined, timeZone: string): string | null {
  if (!text || text.startsWith("0001-01-01")) return null;
  return new Date(`${text.slice(0, 19)}Z`).toLocaleString("sv-SE", { timeZone });
}

/** JavaScript prints exponents of numbers from 1e21, and below 1e-6. */
function written(value: number): string {
  const [mantissa = "", exponent] = String(value).split("e");
  if (exponent === undefined) return mantissa;
  const [whole = "", fraction = ""] = mantissa.replace("-", "").split(".");
  const shift = Number(exponent);
  const digits =
    shift < 0
      ? `0.${"0".repeat(-shift - 1)}${whole}${fraction}`
      : `${whole}${fraction}${"0".repeat(shift - fraction.length)}`;
  return value < 0 ? `-${digits}` : digits;
}

function amount(value: unknown): string | null {
  let text = typeof value === "number" ? written(value) : typeof value === "string" ? tidy(value) : "";
  const negative = /^-\d/.test(text);
  if (negative) text = text.slice(1);
  else if (text.startsWith("$")) text = text.slice(1);
  const [whole = "", fraction, ...more] = text.split(".");
  if (more.length > 0 || (fraction !== undefined && !/^[0-9]+$/.test(fraction))) return null;
  const groups = whole.split(",");
  if (!groups.every((group) => /^[0-9]+$/.test(group))) return null;
  if (
    groups.length > 1 &&
    groups.some((group, index) => (index === 0 ? group.length > 3 : group.length !== 3))
  ) {
    return null;
  }
  const digits = String(BigInt(groups.join(""))) + (fraction === undefined ? "" : `.${fraction}`);
  return negative && Number(digits) !== 0 ? `-${digits}` : digits;
}

const entities: Record<string, string> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  nbsp: "\u00a0",
  eacute: "é",
  "#39": "'",
  "#8217": "’",
  "#x2014": "—",
};

/** Supports well-formed HTML and the entities above. */
function naiveText(html: string | null | undefined): string {
  return (html ?? "")
    .replace(/<!--.*?-->/gs, "")
    .replace(/<(script|style)\b.*?<\/\1>/gis, "")
    .replace(/\s/g, " ")
    .replace(/<\/?(?:p|div|li|ul|ol|h[1-6]|tr|table|blockquote|br|hr)\b[^>]*>/gi, "\n")
    .replace(/<\/?t[dh]\b[^>]*>/gi, " ")
    .replace(/<\/?[a-z][^>]*>/gi, "")
    .split("\n")
    .map((line) => tidy(line.replace(/&([^;\s]+);/g, (given, name) => entities[name] ?? given)))
    .filter((line) => line !== "")
    .join("\n");
}
