import { Tokenizer } from "htmlparser2";
import { cleanText } from "./clean-text.js";

/** Elements that are on separate lines. */
const blocks = new Set(
  (
    "address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption " +
    "figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li main menu nav ol optgroup option " +
    "p pre search section summary table tbody tfoot thead title tr ul"
  ).split(" "),
);
/** Table cells share a line, but their words are not one word. */
const cells = new Set(["td", "th"]);
/** Elements whose contents are not meant to be read. */
const unread = new Set(["script", "style"]);

function ignore(): void {
  // Attributes, comments and declarations are not visible text.
}

const ignored = {
  onattribdata: ignore,
  onattribend: ignore,
  onattribentity: ignore,
  onattribname: ignore,
  oncdata: ignore,
  oncomment: ignore,
  ondeclaration: ignore,
  onend: ignore,
  onopentagend: ignore,
  onprocessinginstruction: ignore,
  onselfclosingtag: ignore,
};

/**
 * HTML as plain text: tags, comments, scripts and styles dropped, entities decoded once, a newline where a block begins
 * or ends and for `<br>`. Runs of newlines are one, and so are runs of whitespace, line breaks of the source included;
 * no line begins or ends with a blank. `null` when nothing is left.
 *
 * Text without markup, as most of it is, is only cleaned.
 */
export function htmlText(html: string | null | undefined): string | null {
  if (html === null || html === undefined) return null;
  if (!/[<&]/.test(html)) return cleanText(html);
  const lines = linesOf(html).map(cleanText);
  return lines.filter((line) => line !== null).join("\n") || null;
}

// Tokens are enough: where elements end only matters for a tree, and building one takes quadratic time
// for hostile markup.
function linesOf(html: string): string[] {
  const lines: string[] = [];
  let line = "";
  let isRead = true;

  function atTag(element: string, opens: boolean): void {
    if (blocks.has(element)) {
      lines.push(line);
      line = "";
    } else if (cells.has(element)) {
      line += " ";
    } else if (unread.has(element)) {
      isRead = !opens;
    }
  }

  const tokenizer = new Tokenizer(
    { decodeEntities: true },
    {
      ...ignored,
      onopentagname: (start, end) => atTag(html.slice(start, end).toLowerCase(), true),
      onclosetag: (start, end) => atTag(html.slice(start, end).toLowerCase(), false),
      ontext(start, end) {
        if (isRead) line += html.slice(start, end);
      },
      ontextentity(codePoint) {
        if (isRead) line += String.fromCodePoint(codePoint);
      },
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  lines.push(line);
  return lines;
}
