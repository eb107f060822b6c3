import type { Random } from "../random.js";
import { cities, streets, units } from "./words.js";

export interface GeneratedAddress {
  readonly street: string | null;
  readonly unit: string | null;
  readonly city: string | null;
  readonly state: string | null;
  readonly zip: string | null;
  readonly country: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
}

/** An address as people leave it: one in thirty lacks a part, a few are null as a whole. */
export function makeAddress(random: Random): GeneratedAddress | null {
  if (random.chance(0.004)) return null;
  const [city, state, zipStart, latitude, longitude] = random.pick(cities);
  const zip = `${zipStart}${random.integer(10, 99)}`;
  const address: GeneratedAddress = {
    street: `${random.integer(1, 9999)} ${random.pick(streets)}`,
    unit: random.chance(0.12) ? random.pick(units) : random.pick([null, null, ""]),
    city: random.chance(0.02) ? ` ${city} ` : city,
    state,
    zip: random.chance(0.1) ? `${zip}-${random.integer(1000, 9999)}` : zip,
    country: random.weighted<string | null>([
      ["USA", 80],
      ["United States", 8],
      ["US", 6],
      ["", 2],
      [null, 2],
      ["Canada", 1],
    ]),
    latitude: random.chance(0.1) ? null : round(latitude + random.next() / 10),
    longitude: random.chance(0.1) ? null : round(longitude + random.next() / 10),
  };
  return random.chance(0.033) ? withoutPart(random, address) : address;
}

function withoutPart(random: Random, address: GeneratedAddress): GeneratedAddress {
  const nothing = random.pick([null, "", "  "]);
  switch (random.integer(1, 5)) {
    case 1:
      return { ...address, street: nothing };
    case 2:
      return { ...address, zip: nothing };
    case 3:
      return { ...address, city: nothing };
    case 4:
      return { ...address, state: nothing };
    default:
      return { ...address, street: nothing, zip: nothing };
  }
}

/** Accounting's addresses have no coordinates. */
export function withoutCoordinates(address: GeneratedAddress | null) {
  if (address === null) return null;
  const { street, unit, city, state, zip, country } = address;
  return { street, unit, city, state, zip, country };
}

function round(degrees: number): number {
  return Math.round(degrees * 1e5) / 1e5;
}
