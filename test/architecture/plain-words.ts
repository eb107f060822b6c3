/** A phrase that does not read as plain American English, and what to write instead. */
export interface Misfit {
  readonly phrase: RegExp;
  readonly instead: string;
}

/** Phrases that can be recognized without reading the sentence around them. */
export const misfits: readonly Misfit[] = [
  { phrase: /(?<!\b[Tt]here )\bis no (?:IANA|XLSX|CSV|path|value|date|file|text)\b/, instead: "is not a" },
  { phrase: /\b(?:is|are) not acceptable\b/, instead: "Invalid …" },
  { phrase: /\bthe (?:same )?wish(?:es)?\b/, instead: "the request" },
  { phrase: /\basked for (?:equally|anew|differently)\b/, instead: "with the same parameters" },
  { phrase: /\btells? of\b/i, instead: "reports" },
  { phrase: /\bwhat became of\b/i, instead: "the outcome of" },
  { phrase: /\bkeeps house\b/, instead: "manages" },
  { phrase: /\banew\b/, instead: "again" },
  { phrase: /\bpass(?:es|ed) over\b/, instead: "skips" },
  { phrase: /\bwork lists?\b/i, instead: "work queue" },
  { phrase: /\blook-ups?\b/i, instead: "lookup" },
  { phrase: /\ban? [a-z-]+ of (?:its|their|our|your) own\b/, instead: "its own …" },
  { phrase: /\bwithout a word\b/, instead: "silently" },
  { phrase: /\bin so many words\b/, instead: "explicitly" },
  { phrase: /\b(?:at most|after|beyond) so many\b/i, instead: "at most this many" },
  { phrase: /\bstate of things\b/, instead: "current state" },
  { phrase: /\bstands? in the way\b/, instead: "conflicts" },
  { phrase: /\bwhite space\b/i, instead: "whitespace" },
  { phrase: /\btime-outs?\b/i, instead: "timeout" },
  { phrase: /\be-mails?\b/i, instead: "email" },
  { phrase: /\btowards\b/, instead: "toward" },
  { phrase: /\bfor ever\b/i, instead: "forever" },
  { phrase: /\bside by side\b/i, instead: "in parallel" },
  { phrase: /\bmisspelt\b/, instead: "misspelled" },
  { phrase: /\bpower cuts?\b/, instead: "power failure" },
  { phrase: /\basked for again\b/, instead: "requested again" },
  { phrase: /\b(?:is|are|was|were) kept out\b/, instead: "suppressed" },
  { phrase: /\bpassing failures?\b/, instead: "transient failure" },
  {
    phrase: /\bcosts? (?:only (?:itself|themselves)|(?:itself|themselves) only)\b/,
    instead: "affects only itself",
  },
  { phrase: /\bin (?:a circle|silence)\b/, instead: "a cycle, silently" },
  { phrase: /\bgo(?:es)? on with\b/, instead: "continues with" },
  { phrase: /\bt(?:akes?|aken) away\b/, instead: "deletes" },
  { phrase: /\bgives? (?:it|them|the (?:room|lease|connection)) back\b/, instead: "releases" },
  { phrase: /\bcomes? again\b/, instead: "is repeated, is sent again" },
  { phrase: /\bthe page before\b(?! (?:it|one)\b)/, instead: "the previous page" },
  { phrase: /\b(?:behaviou|colou|favou|honou|neighbou)r/i, instead: "the American spelling, -or" },
  {
    phrase: /\b(?:normal|organ|random|sanit|serial|recogn|author|synchron|minim|maxim)is(?:e|ing|ation)/i,
    instead: "the American spelling, -ize",
  },
];

/** Every place where one of them stands, with what to write instead. */
export function misfitsIn(path: string, text: string): readonly string[] {
  return text.split("\n").flatMap((line, index) =>
    misfits.flatMap(({ phrase, instead }) => {
      const found = phrase.exec(line)?.[0];
      return found === undefined ? [] : [`${path}:${index + 1}: "${found}": write "${instead}"`];
    }),
  );
}
