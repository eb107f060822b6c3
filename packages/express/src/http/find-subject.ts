import type { CredentialSummary, StoredRun } from "@titan-sync/core";
import { isSuperseded } from "@titan-sync/core/support";
import { type Access, accessTable } from "../access/access-table.js";
import type { AccessRequest } from "../access/authorizer.js";
import type { CompanyFilter, Permission, Principal } from "../access/principal.js";
import type { Route } from "../routes/route.js";
import type { Services } from "../routes/services.js";
import { queuedRun } from "../runs/run-body.js";
import { notFound, ProblemError } from "./problem.js";

type Subject = CompanyFilter | CredentialSummary | StoredRun | string | null;

export interface SubjectRequest {
  readonly route: Pick<Route, "operation">;
  readonly principal: Principal;
  readonly requestId: string;
  /** Of the path. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Checked, where there is one. */
  readonly body: unknown;
}

/** Ids are looked up unchanged: what no storage accepts as text is not an id. */
const idPattern = /^[^\p{C}]{1,200}$/u;

/**
 * Finds what a request is about, and makes sure that the principal has the permission. An object that the principal may
 * not view gets the same response as one that does not exist; a missing permission for a viewable object is denied and
 * recorded.
 */
export async function findSubject(services: Services, request: SubjectRequest): Promise<Subject> {
  const access: Access = accessTable[request.route.operation];
  if (access.about === "nothing") return null;
  const { principal, parameters } = request;
  const question = { principal, permission: access.permission, operation: request.route.operation };
  if (access.about === "companies") {
    const companies = await services.authorizer.companiesOf(question);
    if (companies !== "*" && companies.length === 0) await deny(services, request, "*", access.permission);
    return companies;
  }
  if (access.about === "company") {
    const { companyId } = request.body as { readonly companyId: string };
    await requirePermission(services, request, companyId, access.permission);
    return companyId;
  }
  if (access.about === "credential") {
    const id = readId(parameters["credentialId"]);
    const credential = id === null ? null : await services.titan.credentials.find(id);
    if (credential === null) throw notFound();
    await requirePermission(services, request, credential.companyId, access.permission);
    return credential;
  }
  const run = await findRun(services, readId(parameters["runId"]));
  if (run === null) throw notFound();
  await requirePermission(services, request, run.scope.companyId, access.permission);
  return run;
}

async function findRun(
  { titan, dispatcher, dryRuns }: Services,
  id: string | null,
): Promise<StoredRun | null> {
  if (id === null) return null;
  const stored = await titan.runs.find(id);
  if (stored !== null && !isSuperseded(stored)) return stored;
  const dry = dryRuns.find(id);
  if (dry !== null) return dry.run;
  const queued = (await dispatcher.findQueued?.({ runId: id })) ?? null;
  // It may have left the queue since the first look, and a superseded run that nothing waits to replace stays as it is.
  if (queued === null) return await titan.runs.find(id);
  const credential = await titan.credentials.find(queued.credentialId);
  return credential === null ? null : queuedRun(queued, credential);
}

async function requirePermission(
  services: Services,
  request: SubjectRequest,
  companyId: string,
  permission: Permission,
): Promise<void> {
  const { principal, route } = request;
  const question: Omit<AccessRequest, "permission"> = { principal, companyId, operation: route.operation };
  if (await services.authorizer.isAllowed({ ...question, permission })) {
    if (services.auditGrants) await record(services, request, companyId, permission, "success");
    return;
  }
  const isVisible =
    permission !== "view" && (await services.authorizer.isAllowed({ ...question, permission: "view" }));
  await deny(services, request, companyId, permission, isVisible ? undefined : notFound());
}

async function deny(
  services: Services,
  request: SubjectRequest,
  companyId: string,
  permission: Permission,
  problem = new ProblemError("FORBIDDEN", { detail: `This requires the permission "${permission}".` }),
): Promise<never> {
  const { requestId, principal, route } = request;
  const fields = { requestId, actor: principal.id, operation: route.operation, permission };
  services.logger.warn(fields, "access was denied");
  await record(services, request, companyId, permission, "denied");
  throw problem;
}

/** Recorded with the affected company, whose admins should know. */
async function record(
  { audit }: Services,
  { principal, route, requestId, parameters }: SubjectRequest,
  companyId: string,
  permission: Permission,
  outcome: "success" | "denied",
): Promise<void> {
  const { operation } = route;
  await audit({
    actor: principal.id,
    action: outcome === "denied" ? "access:deny" : "access:grant",
    subject: Object.values(parameters).map(String).join("/") || operation,
    companyId,
    outcome,
    requestId,
    details: { operation, permission },
  });
}

function readId(value: unknown): string | null {
  return typeof value === "string" && idPattern.test(value) ? value : null;
}
