import type { CredentialSummary } from "@titan-sync/core";
import { z } from "zod";

/**
 * `admin` may do everything, `sync` starts and watches syncs, `view` only reads. Each of the first two holds
 * what comes after it.
 */
export const permissions = ["admin", "sync", "view"] as const;
export type Permission = (typeof permissions)[number];

/** Who makes a request, and what they may do. */
export interface Principal {
  /** Appears in the audit log. */
  readonly id: string;
  /** Permissions by the host's key of the company. `"*"` is an operator, who sees every company. */
  readonly companies: "*" | Readonly<Record<string, readonly Permission[]>>;
  /** What an operator may do with every company. @defaultValue ["admin"] */
  readonly permissions?: readonly Permission[] | undefined;
}

/** Which companies a list may show. */
export type CompanyFilter = "*" | readonly string[];

const principalSchema = z.object({
  id: z.string().min(1),
  companies: z.union([z.literal("*"), z.record(z.string(), z.array(z.enum(permissions)))]),
  permissions: z.array(z.enum(permissions)).optional(),
}) satisfies z.ZodType<Principal>;

/** What a host's `authenticate` gave; `null` when it is not a principal. */
export function readPrincipal(value: unknown): Principal | null {
  const parsed = principalSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}

/** Whether the principal has a permission for a company; `"*"` asks for every company at once. */
export function isPermitted(principal: Principal, companyId: string, permission: Permission): boolean {
  const granted = permissionsFor(principal, companyId);
  return permissions.slice(0, permissions.indexOf(permission) + 1).some((held) => granted.includes(held));
}

function permissionsFor({ companies, permissions: general }: Principal, companyId: string) {
  if (companies === "*") return general ?? ["admin"];
  // A company may be named `constructor`.
  return Object.hasOwn(companies, companyId) ? (companies[companyId] ?? []) : [];
}

/** Whether a filter holds a company. */
export function holds(filter: CompanyFilter, { companyId }: Pick<CredentialSummary, "companyId">): boolean {
  return filter === "*" || filter.includes(companyId);
}
