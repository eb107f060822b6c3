import { readFile, writeFile } from "node:fs/promises";

/**
 * Puts a benchmark's section between its markers, or at the document's end where it has none yet. Everything
 * else stays as it is.
 */
export function replaceSection(document: string, name: string, section: string): string {
  const [begin, end] = [`<!-- benchmark: ${name} -->`, `<!-- end of ${name} -->`];
  const marked = `${begin}\n\n${section.trim()}\n\n${end}`;
  const from = document.indexOf(begin);
  const to = document.indexOf(end, from);
  if (from === -1 || to === -1) return `${document.trimEnd()}\n\n${marked}\n`.trimStart();
  return document.slice(0, from) + marked + document.slice(to + end.length);
}

const introduction = `# Performance

Measured by \`npm run bench\`; each section names its command, machine and date. Variants of a benchmark run in turn,
each measurement in its own process; the figures are medians. The PostgreSQL server runs on the same machine, with
\`fsync\` off, as all that is compared here does.
`;

/** Updates a section of a document, which is created where there is none. */
export async function writeSection(file: string, name: string, section: string): Promise<void> {
  const before = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return introduction;
    throw error;
  });
  await writeFile(file, replaceSection(before, name, section));
}
