import { z } from "zod";
import { issuesOf } from "./check-request.js";
import { ConfigError } from "./errors.js";
import { issuesOfRecords } from "./records/definitions/check-records.js";
import { shippedDefinitions } from "./records/definitions/definitions.js";
import type { TitanSyncOptions } from "./titan-sync-options.js";

const settingsSchema = z.object({
  requestsPerSecond: z.int().min(1).max(1000).default(55),
  maxConcurrentRequests: z.int().min(1).max(1000).default(32),
  leaseMs: z.int().min(1000).default(30_000),
  sinkTimeoutMs: z
    .int()
    .min(1000)
    .max(2 ** 31 - 1)
    .default(300_000),
  batchSize: z.int().min(1).max(10_000).default(2000),
  maxBytesInFlight: z
    .int()
    .min(1024 * 1024)
    .default(64 * 1024 * 1024),
  parallelBackfill: z.boolean().default(true),
});

/** The plain values among the options. */
export type TitanSyncSettings = z.infer<typeof settingsSchema>;

type Given = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

interface Part {
  readonly isUsable: Check;
  /** The expected value, or how to get one. */
  readonly expected: string;
  readonly required?: true;
}

const isFunction: Check = (value) => typeof value === "function";

/** Whether it is an object with these methods. */
function has(...methods: readonly string[]): Check {
  return (value) =>
    typeof value === "object" &&
    value !== null &&
    methods.every((method) => isFunction((value as Given)[method]));
}

/**
 * The other options: the parts that a host provides. TypeScript checks their types; these checks are for callers
 * without it.
 */
const parts: Readonly<Record<Exclude<keyof TitanSyncOptions, keyof TitanSyncSettings>, Part>> = {
  storage: {
    isUsable: has("beginRun", "landRows", "settleKeys", "endRun"),
    expected: "memoryStorage(), or postgresStorage({ pool }) of @titan-sync/postgres",
    required: true,
  },
  keys: {
    isUsable: has("current", "find"),
    expected: "staticKeys(text), with a text from generateEncryptionKey()",
    required: true,
  },
  sink: {
    isUsable: (value) => isFunction(value) || has("write")(value),
    expected: "async (batch) => { …; return { rejected: [] }; }",
    required: true,
  },
  records: { isUsable: Array.isArray, expected: "[defineRecord({ … })]" },
  company: { isUsable: isFunction, expected: "async (companyId) => details" },
  logger: { isUsable: has("debug", "info", "warn", "error"), expected: "a logger with pino's interface" },
  progress: {
    isUsable: (value) => isFunction(value) || (Array.isArray(value) && value.every(isFunction)),
    expected: "(event) => { … }, or several of these in an array",
  },
  endpoints: { isUsable: has(), expected: "{ apiUrl, authUrl }" },
  rateLimitCoordinator: {
    isUsable: has("reserve", "throttle"),
    expected: "postgresRateLimitCoordinator({ pool }) of @titan-sync/postgres",
  },
  retry: { isUsable: has(), expected: "an object" },
  circuit: { isUsable: has(), expected: "{ failures, openMs, maxOpenMs }" },
  worker: { isUsable: has(), expected: "{ id, host, pid, version }" },
  clock: { isUsable: has("now", "sleep"), expected: "an object with now and sleep" },
  fetch: { isUsable: isFunction, expected: "a function" },
  random: { isUsable: isFunction, expected: "a function" },
  newId: { isUsable: isFunction, expected: "a function" },
};

/** @throws {@link ConfigError} that lists every missing, unknown or unusable option at once. */
export function checkOptions(options: TitanSyncOptions): TitanSyncSettings {
  const given: Given = { ...options };
  const issues = Object.entries<Part>(parts).flatMap(([name, part]) => judge(name, part, given[name]));
  const known = new Set([...Object.keys(parts), ...Object.keys(settingsSchema.shape)]);
  for (const name of Object.keys(given)) if (!known.has(name)) issues.push(`${name} is not an option`);
  const parsed = settingsSchema.safeParse(given);
  issues.push(...issuesOf(parsed.error), ...issuesOfRecordTypes(options));
  if (!parsed.success || issues.length > 0) {
    throw new ConfigError(`createTitanSync cannot start: ${issues.join("; ")}.`);
  }
  return parsed.data;
}

function judge(name: string, { isUsable, expected, required }: Part, value: unknown): readonly string[] {
  const isMissing = value === undefined || value === null;
  if (isMissing) return required === true ? [`${name} is missing: pass ${expected}`] : [];
  return isUsable(value) ? [] : [`${name} is invalid: pass ${expected}`];
}

/** Problems with the host's record types, and the types that the sink does not accept. */
function issuesOfRecordTypes({ records = [], sink }: TitanSyncOptions): readonly string[] {
  const own = Array.isArray(records) ? records : [];
  const issues = issuesOfRecords(own);
  if (issues.length > 0) return issues;
  const taken: unknown = typeof sink === "object" && sink !== null ? sink.recordTypes : undefined;
  if (taken === undefined) return [];
  if (!Array.isArray(taken)) return ["sink.recordTypes is invalid: pass an array of record types"];
  const types = [...shippedDefinitions, ...own].map(({ type }) => type);
  return types
    .filter((type) => !taken.includes(type))
    .map((type) => `sink takes no ${type} records, only ${taken.join(", ")}`);
}
