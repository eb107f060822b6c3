const homeCountry = "US";
const spellings = new Set(["usa", "united states"]);

/** The country as the host's tables print it. @param country - Clean. */
export function printCountry(country: string | null): string {
  return country === null || spellings.has(country.toLowerCase()) ? homeCountry : country;
}
