import { readFile } from "node:fs/promises";

/**
 * When a process of this machine began, in a form that only serves to be compared; `null` where the system
 * does not tell. Tells a process from a later one that was given the same pid.
 */
export async function processStart(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  if (text === null) return null;
  // The command's name, in parentheses, may hold anything; the start is the 20th field after it.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields[19] ?? null;
}

/** Whether a process with this pid exists on this machine. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It exists, but belongs to somebody else.
    return (error as { code?: unknown }).code === "EPERM";
  }
}
