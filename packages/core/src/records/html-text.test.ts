import { describe, expect, it } from "vitest";
import { htmlText } from "./html-text.js";

describe("htmlText", () => {
  it.each([
    ["plain text is cleaned", "  Replaced   part ", "Replaced part"],
    ["line breaks of the source are whitespace", "two\nlines", "two lines"],
    ["a break is a newline, several are one", "a<br><br/><BR />b", "a\nb"],
    ["blocks begin and end lines", "before<div>in</div>after", "before\nin\nafter"],
    ["nested blocks make one newline", "<div><div><p>a</p></div></div><p>b</p>", "a\nb"],
    ["an unclosed paragraph ends where the next begins", "<p>a<p>b", "a\nb"],
    ["unclosed list items end where the next begins", "<ul><li>a<li>b</ul>", "a\nb"],
    ["blanks around newlines go", "a <br> b", "a\nb"],
    ["lines of blanks only go", "<p>a</p><p>&nbsp;</p><p> </p><p>b</p>", "a\nb"],
    ["inline tags join as they stood", "<b>Re</b>placed <i>one</i> <i> two</i>", "Replaced one two"],
    ["a broken nesting of inline tags loses no text", "<b>a<i>b</b>c</i>", "abc"],
    [
      "table rows are lines and cells words",
      "<table><tr><td>a</td><td>b</td></tr><tr><th>c</th></tr></table>",
      "a b\nc",
    ],
    ["named, decimal and hexadecimal entities are decoded", "&eacute;&#8217;&#x2014;&frac12;", "é’—½"],
    ["entities are decoded once", "&amp;lt;b&amp;gt;", "&lt;b&gt;"],
    ["entities without markup are decoded", "R&amp;R", "R&R"],
    ["an unknown entity stays", "&nosuch; R&R", "&nosuch; R&R"],
    ["a no-break space is whitespace", "a&nbsp;&nbsp;b", "a b"],
    ["a line break as entity is whitespace", "a&#10;b", "a b"],
    ["escaped markup is text", "&lt;script&gt;alert(1)&lt;/script&gt;", "<script>alert(1)</script>"],
    ["scripts are dropped, also those that look like markup", "a<script>if (x<b) '<p>'</script>b", "ab"],
    ["styles are dropped", "<style>p > a { color: red }</style>a", "a"],
    ["comments are dropped", "a<!-- <p>b</p> -->c", "ac"],
    ["conditional comments and declarations are dropped", "<!DOCTYPE html><!--[if mso]>x<![endif]-->a", "a"],
    [
      "markup of word processors is dropped",
      '<?xml:namespace prefix = o /><p class="Mso">a<o:p></o:p></p>',
      "a",
    ],
    ["attributes are dropped, also with a bracket inside", '<a title="5 > 4" href="?a=1&amp;b=2">a</a>', "a"],
    ["a lone less-than sign is text", "8 < 9 and 5<6", "8 < 9 and 5<6"],
    ["a script without an end drops the rest", "a<script>b", "a"],
    ["a self-closing script drops what follows, as in a browser", "a<script src='x'/>b</script>c", "ac"],
    ["a stray end tag of an inline element is dropped", "a</span>b", "ab"],
    ["a stray end of a block ends the line", "a</div>b", "a\nb"],
    ["a tag without an end is dropped", "a<b title='x", "a"],
    ["a title in the text is read", "<title>R&amp;R</title>a", "R&R\na"],
    ["an entity at the end needs no semicolon", "R&amp", "R&"],
    ["entities beyond Unicode become the replacement character", "<p>&#x110000;&#xD800;</p>", "\ufffd\ufffd"],
    ["NUL is dropped", "<p>a\0b</p>", "ab"],
  ])("%s", (_rule, html, expected) => {
    expect(htmlText(html)).toBe(expected);
  });

  it.each([[null], [undefined], [""], [" \n"], ["<p></p>"], ["<p>&nbsp;</p><br>"], ["<!-- a -->"]])(
    "returns null for %j",
    (html) => {
      expect(htmlText(html)).toBeNull();
    },
  );

  it("keeps no state between texts", () => {
    htmlText("<script>a");
    expect(htmlText("<p>b</p>")).toBe("b");
  });

  it("handles deep nesting and long texts", () => {
    expect(htmlText(`${"<div>".repeat(20_000)}deep`)).toBe("deep");
    expect(htmlText(`<p>${"word ".repeat(200_000)}</p>`)).toHaveLength(999_999);
  });

  it("reads repeated markup once: time in proportion to its square would not end within the limit", () => {
    const hostile = ["<b>", "</i>", "<p><li>", "<", "&", "&#", "<!--", "<a b='", "\u00a0 "];
    for (const piece of hostile) {
      const text = htmlText(piece.repeat(200_000) + "<b>".repeat(1000) + "</i>".repeat(200_000));
      expect(text?.length ?? 0).toBeLessThanOrEqual(piece.length * 200_000 + 604_000);
    }
  });
});
