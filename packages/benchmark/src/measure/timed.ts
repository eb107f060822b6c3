import { memoryUsage, resourceUsage } from "node:process";

/** What a piece of work took, of this process. */
export interface Effort {
  readonly ms: number;
  /** Time on processors: above `ms` when several threads are busy. */
  readonly cpuMs: number;
  /** The peak memory of this process, including setup, in MB of 1024² bytes. */
  readonly peakMb: number;
  /** The same just before the work. */
  readonly startMb: number;
}

export async function timed(work: () => Promise<unknown>): Promise<Effort> {
  const startMb = memoryUsage.rss() / 1024 ** 2;
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const ms = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { ms, cpuMs: (user + system) / 1000, peakMb: resourceUsage().maxRSS / 1024, startMb };
}
