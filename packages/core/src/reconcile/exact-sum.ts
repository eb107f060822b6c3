/** Adds decimals digit by digit, as sums of money must be. */
export class ExactSum {
  #units = 0n;
  #scale = 0;

  /** @param decimal - for instance `-1234.50`; anything else is ignored and returns `false`. */
  add(decimal: string | null): boolean {
    const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal ?? "");
    if (match === null) return false;
    const [, sign = "", whole = "", fraction = ""] = match;
    if (fraction.length > this.#scale) {
      this.#units *= 10n ** BigInt(fraction.length - this.#scale);
      this.#scale = fraction.length;
    }
    const units = BigInt(whole + fraction.padEnd(this.#scale, "0"));
    this.#units += sign === "-" ? -units : units;
    return true;
  }

  /** With as many fractional digits as the most precise addend, at least two. */
  toString(): string {
    const scale = Math.max(this.#scale, 2);
    const units = this.#units * 10n ** BigInt(scale - this.#scale);
    const digits = String(units < 0n ? -units : units).padStart(scale + 1, "0");
    return `${units < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  }
}
