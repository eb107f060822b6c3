import { z } from "zod";
import { companyId, count, environment, id, pageOf, paging, time } from "./common.js";
import { credential } from "./credential.js";
import { run, runWarning } from "./run.js";
import { credentialStatus, statusSummary } from "./status.js";

const day = z
  .object({
    day: z.iso.date(),
    runs: count,
    succeeded: count,
    rowsRead: count,
    derived: count,
    rejected: count,
    rejectedShare: z.number().min(0).max(1).nullable(),
    p50DurationMs: z.number().nullable(),
  })
  .meta({ id: "DashboardDay" });

const dashboardCredential = z
  .object({
    credential,
    status: credentialStatus,
    current: run.nullable().meta({ description: "The run in progress, with its figures so far." }),
    last: run.nullable().meta({ description: "The latest run that has ended." }),
    nextRunAt: time.nullable(),
    trend: z.array(day).meta({ description: "The last 30 days, including days without runs." }),
    warnings: z.array(runWarning).meta({ description: "Of the latest run." }),
  })
  .meta({ id: "DashboardCredential" });

export const dashboard = z
  .object({
    generatedAt: time,
    summary: statusSummary.meta({ description: "Of all credentials that match, not only of this page." }),
    totals: z
      .object({
        credentials: count,
        connected: count,
        pending: count,
        errors: count,
        running: count,
        runs: count,
        rowsRead: count,
        derived: count,
        rejected: count,
      })
      .meta({ description: "Totals over the credentials of this page; runs of the last 30 days." }),
    ...pageOf(dashboardCredential).shape,
  })
  .meta({ id: "Dashboard" });

export type DashboardBody = z.infer<typeof dashboard>;
export type DashboardDay = z.infer<typeof day>;

export const dashboardQuery = z.strictObject({
  companyId: companyId.optional(),
  environment: environment.optional(),
  ...paging,
});

const auditEntry = z
  .object({
    id,
    at: time,
    actor: z.string(),
    action: z.string(),
    subject: z.string(),
    companyId: z.string(),
    outcome: z.enum(["success", "failure", "denied"]),
    requestId: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "AuditEntry" });

export const auditPage = pageOf(auditEntry).meta({ id: "AuditPage" });
export const auditQuery = z.strictObject({ companyId: companyId.optional(), ...paging });

export const health = z.object({ status: z.enum(["ok", "unavailable"]) }).meta({ id: "Health" });
