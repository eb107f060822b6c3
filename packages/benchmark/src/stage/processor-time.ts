import { readdir, readFile } from "node:fs/promises";

/** The kernel counts in hundredths of a second. */
const tickMs = 10;

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** Of the process itself. */
  readonly ownMs: number;
  /** Of its children that have ended, and theirs. */
  readonly endedMs: number;
}

/** Time on processors of a process and everything that it started, ended or not, in milliseconds. Linux only. */
export async function processorTimeOf(root: number): Promise<number> {
  const processes = await listProcesses();
  let sum = 0;
  const add = (pid: number): void => {
    const found = processes.get(pid);
    if (found === undefined) return;
    sum += found.ownMs + found.endedMs;
    for (const { pid: child, parent } of processes.values()) if (parent === pid) add(child);
  };
  add(root);
  return sum;
}

/** @throws Error when there is none. */
export async function parentOf(pid: number): Promise<number> {
  const found = (await listProcesses()).get(pid);
  if (found === undefined) throw new Error(`There is no process ${pid}.`);
  return found.parent;
}

async function listProcesses(): Promise<ReadonlyMap<number, ProcessStat>> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  // One that has ended meanwhile has no file anymore.
  const texts = await Promise.all(names.map((pid) => readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")));
  return new Map(
    texts.filter((text) => text !== "").map((text) => [Number.parseInt(text, 10), toStat(text)]),
  );
}

function toStat(text: string): ProcessStat {
  // The program's name is in parentheses, and may contain spaces.
  const fields = text
    .slice(text.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const ms = (first: number): number => ((fields[first] ?? 0) + (fields[first + 1] ?? 0)) * tickMs;
  return { pid: Number.parseInt(text, 10), parent: fields[1] ?? 0, ownMs: ms(11), endedMs: ms(13) };
}
