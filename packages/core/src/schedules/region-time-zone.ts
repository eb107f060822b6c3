/** The areas of the IANA database that hold regions; others, such as `Etc`, hold fixed offsets and abbreviations. */
const areas =
  /^(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Brazil|Canada|Chile|Europe|Indian|Mexico|Pacific|US)\/./;

/**
 * Whether a name is that of a region whose clocks a schedule can follow: `America/Chicago`, or `UTC`. An abbreviation
 * such as `EST` means a fixed offset, not the clocks of the place where it is used.
 */
export function isRegionTimeZone(name: string): boolean {
  if (name === "UTC" || name === "Etc/UTC") return true;
  if (!areas.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
