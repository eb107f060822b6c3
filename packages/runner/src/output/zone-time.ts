/** An instant as the clocks of a time zone show it: `Tue 2026-12-01 02:30`, with seconds only where there are some. */
export function formatInZone(time: number, timeZone: string): string {
  const formatter = new Intl.DateTimeFormat("en-US", {
    timeZone,
    calendar: "gregory",
    hourCycle: "h23",
    weekday: "short",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  const parts = Object.fromEntries(formatter.formatToParts(time).map(({ type, value }) => [type, value]));
  const { weekday, year, month, day, hour, minute, second } = parts;
  return `${weekday} ${year}-${month}-${day} ${hour}:${minute}${second === "00" ? "" : `:${second}`}`;
}

/** The same instant in UTC: `08:30 UTC`, with the date only where it is another. */
export function utcBeside(time: number, timeZone: string): string {
  const [, date = "", clock = ""] = formatInZone(time, "UTC").split(" ");
  return formatInZone(time, timeZone).includes(date) ? `${clock} UTC` : `${date} ${clock} UTC`;
}
