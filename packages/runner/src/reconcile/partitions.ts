import { createHash } from "node:crypto";
import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyedRow } from "@titan-sync/core";

/** Enough that each contains one or two megabytes of a million rows. */
const count = 256;
/** The buffer of each partition on each side: 8 MB together. */
const flushBytes = 16 * 1024;

/** Rows on disk, so that all rows of a key, and few others, are in memory at once. */
export class Partitions implements AsyncDisposable {
  readonly #directory: string;
  readonly #pending = new Map<string, { lines: string[]; bytes: number }>();

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** In a directory that only this user can read, and that is deleted on disposal. */
  static async open(): Promise<Partitions> {
    return new Partitions(await mkdtemp(join(tmpdir(), "titan-sync-reconcile-")));
  }

  async add(side: "here" | "there", keyed: KeyedRow): Promise<void> {
    const name = `${side}-${partitionOf(keyed.key)}`;
    const pending = this.#pending.get(name) ?? { lines: [], bytes: 0 };
    this.#pending.set(name, pending);
    const line = `${JSON.stringify(keyed)}\n`;
    pending.lines.push(line);
    pending.bytes += line.length;
    if (pending.bytes >= flushBytes) await this.#flush(name);
  }

  /** Both sides, part by part: all rows of a key are in one part. */
  async *parts(): AsyncGenerator<{
    readonly here: readonly KeyedRow[];
    readonly there: readonly KeyedRow[];
  }> {
    for (const name of [...this.#pending.keys()]) await this.#flush(name);
    for (let part = 0; part < count; part += 1) {
      yield { here: await this.#read(`here-${part}`), there: await this.#read(`there-${part}`) };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #flush(name: string): Promise<void> {
    const pending = this.#pending.get(name);
    if (pending === undefined || pending.lines.length === 0) return;
    this.#pending.delete(name);
    await appendFile(join(this.#directory, name), pending.lines.join(""), { mode: 0o600 });
  }

  async #read(name: string): Promise<readonly KeyedRow[]> {
    const text = await readFile(join(this.#directory, name), "utf8").catch((error: unknown) => {
      if ((error as { code?: unknown }).code === "ENOENT") return "";
      throw error;
    });
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as KeyedRow);
  }
}

function partitionOf(key: string): number {
  return createHash("sha1").update(key).digest().readUInt32BE(0) % count;
}
