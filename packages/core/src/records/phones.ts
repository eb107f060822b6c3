import type { CustomerContact } from "../feeds/customer-contacts.js";
import { cleanText } from "./clean-text.js";
import { withoutInvisible } from "./invisible.js";

/** The contact types that are phones, the preferred one first. */
const phoneTypes = ["MobilePhone", "Phone"];
/** After the digits of a number: a word before them, such as "fax", does not start an extension. */
const extension = /\d[\s,;.(-]*(?:x|ext|extn|extension|#)[\s.:=]*\d/i;

interface PhoneColumns {
  readonly customer_phone_numbers: string | null;
  readonly customer_phone_number_primary: string | null;
}

/** The phone columns of a customer's contacts. Contacts without `active` count as active. */
export function phoneColumns(contacts: readonly CustomerContact[]): PhoneColumns {
  const phones = phonesOf(contacts);
  return {
    customer_phone_numbers: phones.length === 0 ? null : phones.join(", "),
    customer_phone_number_primary: phones[0] ?? null,
  };
}

/** Printed phones: mobile ones first, each group by id, each number once. */
function phonesOf(contacts: readonly CustomerContact[]): readonly string[] {
  const printed = phoneTypes.flatMap((type) =>
    contacts
      .filter((contact) => contact.type === type && contact.active !== false)
      .sort((one, other) => (one.id < other.id ? -1 : Number(one.id > other.id)))
      .map((contact) => cleanText(contact.value))
      .filter((phone) => phone !== null)
      .map(printPhone),
  );
  return [...new Set(printed)];
}

/**
 * `(555) 123-4567` for any ten digits without `+` or an extension; any other number stays as it is, without the
 * invisible characters that come along when numbers are copied.
 */
export function printPhone(phone: string): string {
  // Full-width digits are digits, too.
  const plain = phone.normalize("NFKC");
  const digits = plain.replace(/\D/g, "");
  if (digits.length !== 10 || plain.includes("+") || extension.test(plain)) return withoutInvisible(phone);
  return `(${digits.slice(0, 3)}) ${digits.slice(3, 6)}-${digits.slice(6)}`;
}
