/** What shows nothing, variation selectors and tags aside. */
const hidden =
  /^\p{Default_Ignorable_Code_Point}+|(?:(?![\ufe00-\ufe0f\u{e0000}-\u{e0fff}])\p{Default_Ignorable_Code_Point})+$/gu;

/** Text without blanks at its ends and with single blanks inside, no hidden mark beside one; `null` when nothing is left. */
export function plain(value: unknown): string | null {
  if (typeof value !== "string" && typeof value !== "number") return null;
  const text = String(value)
    .split(/\s+/)
    .map((word) => word.replace(hidden, ""))
    .filter(Boolean)
    .join(" ");
  return text === "" ? null : text;
}

const entities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  nbsp: " ",
  eacute: "é",
  deg: "°",
};

/** A summary as a person reads it. Knows the markup that the simulator writes, and complains about any other. */
export function readable(html: unknown): string | null {
  if (typeof html !== "string") return null;
  const text = html
    .replace(/<!--.*?-->/gs, "")
    .replace(/<(style|script)\b.*?<\/\1>/gs, "")
    .replace(/<\/?(?:p|div|ul|li|table|tr|br)\b[^>]*>/g, "\n")
    .replace(/<\/?td\b[^>]*>/g, " ")
    .replace(/<\/?b\b[^>]*>/g, "")
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&(\w+);/g, (_, name: string) => {
      const character = entities[name];
      if (character === undefined) throw new Error(`The test does not know &${name};`);
      return character;
    });
  const lines = text
    .split("\n")
    .map(plain)
    .filter((line) => line !== null);
  return lines.length === 0 ? null : lines.join("\n");
}
