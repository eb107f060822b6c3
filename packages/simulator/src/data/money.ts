/** Whole cents as accounting prints an amount: `"-1234.50"`. Money is never computed as a fraction here. */
export function printCents(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, "0");
  return `${cents < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
