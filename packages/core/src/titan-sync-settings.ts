import { z } from "zod";
import { ConfigError } from "./errors.js";
import type { TitanSyncOptions } from "./titan-sync-options.js";

const settingsSchema = z.object({
  requestsPerSecond: z.int().min(1).max(1000).default(55),
  leaseMs: z.int().min(1000).default(30_000),
  batchSize: z.int().min(1).max(10_000).default(2000),
  maxBytesInFlight: z
    .int()
    .min(1024 * 1024)
    .default(64 * 1024 * 1024),
  parallelBackfill: z.boolean().default(true),
});

const parts: Readonly<Record<string, string>> = {
  storage: "memoryStorage(), or postgresStorage({ pool }) of @titan-sync/postgres",
  keys: "staticKeys(text), where generateEncryptionKey() makes the text",
  sink: "async (batch) => { …; return { rejected: [] }; }",
};

/** The plain values among the options. */
export type TitanSyncSettings = z.infer<typeof settingsSchema>;

/** @throws {@link ConfigError} that lists every missing part and unusable value at once. */
export function checkOptions(options: TitanSyncOptions): TitanSyncSettings {
  const given = options as unknown as Readonly<Record<string, unknown>>;
  const missing = Object.entries(parts)
    .filter(([name]) => given[name] === undefined || given[name] === null)
    .map(([name, example]) => `${name} is missing: pass ${example}`);
  const parsed = settingsSchema.safeParse(given);
  const unusable = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  if (missing.length > 0 || !parsed.success) {
    throw new ConfigError(`createTitanSync cannot start: ${[...missing, ...unusable].join("; ")}.`);
  }
  return parsed.data;
}
