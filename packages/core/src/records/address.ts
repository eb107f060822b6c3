import type { z } from "zod";
import type { address } from "../feeds/fields.js";
import { cleanText } from "./clean-text.js";
import { printCountry } from "./country.js";

type Address = z.infer<typeof address>;

interface AddressColumns {
  readonly street: string | null;
  readonly unit: string | null;
  readonly city: string | null;
  readonly state: string | null;
  readonly zip: string | null;
  readonly country: string;
}

/** The address columns. A null address is one with all parts missing. */
export function addressColumns(from: Address): AddressColumns {
  return {
    street: cleanText(from?.street),
    unit: cleanText(from?.unit),
    city: cleanText(from?.city),
    state: cleanText(from?.state),
    zip: cleanText(from?.zip),
    country: printCountry(cleanText(from?.country)),
  };
}

/**
 * The address that counts, taken whole: the first with a street. With none, the first that there is, so
 * that its own gaps are the ones reported.
 */
export function chooseAddress(first: Address, second: Address): Address {
  const withStreet = [first, second].find((candidate) => cleanText(candidate?.street) !== null);
  return withStreet ?? first ?? second;
}
