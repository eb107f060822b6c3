import { ConfigError } from "@titan-sync/core";
import { z } from "zod";
import { faultOfDirectory } from "./pages/dashboard-directory.js";
import type { TitanSyncRouterOptions } from "./router-options.js";

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text;
const present = (what: string) =>
  z.custom<object>((value) => typeof value === "object" && value !== null, `expected ${what}`);
const callable = z.custom<unknown>((value) => typeof value === "function", "expected a function");
const perMinute = z.int().min(1, "expected a whole number from 1").optional();

const dashboardDirectory = z.string().check(({ value, issues }) => {
  const message = faultOfDirectory(value);
  if (message !== null) issues.push({ code: "custom", message, input: value });
});

const schema = z.strictObject({
  titan: present("the result of createTitanSync"),
  authenticate: callable.optional(),
  authorize: callable.optional(),
  auditGrants: z.boolean().optional(),
  basePath: z
    .string()
    .regex(/^$|^\/.*[^/]$/, 'expected a path such as "/api/servicetitan", without a trailing slash')
    .optional(),
  dashboard: z.strictObject({ directory: dashboardDirectory }).optional(),
  rateLimits: z
    .strictObject({
      testsPerMinute: perMinute,
      triggersPerMinute: perMinute,
      store: callable.optional(),
    })
    .optional(),
  cors: z
    .strictObject({
      origins: z.array(z.string().refine(isOrigin, 'expected an origin such as "https://app.example.com"')),
    })
    .optional(),
  dispatcher: present("a run dispatcher").optional(),
  heartbeatMs: z.number().positive().optional(),
  pollMs: z.number().positive().optional(),
  logger: present("a logger").optional(),
  clock: present("a clock").optional(),
  newId: callable.optional(),
});

/** @throws {@link ConfigError} that lists every missing part and unusable value at once. */
export function checkOptions(options: TitanSyncRouterOptions): void {
  const parsed = schema.safeParse(options);
  if (parsed.success) return;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join(".") || "options"}: ${issue.message}`);
  throw new ConfigError(`Invalid router options: ${faults.join("; ")}.`);
}
