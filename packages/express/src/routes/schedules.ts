import { ConflictError, type StoredSchedule, scheduleJson, ValidationError } from "@titan-sync/core";
import type { z } from "zod";
import { etagOf, expectedVersion } from "../http/preconditions.js";
import { notFound, ProblemError } from "../http/problem.js";
import { schedule, scheduleChanges, scheduleChangesResult, scheduleInput } from "../schemas/schedule.js";
import { narrowCompanies } from "./narrow-companies.js";
import { type Answer, defineRoute } from "./route.js";
import type { Services } from "./services.js";

const tag = "Schedules";
const path = "/credentials/{credentialId}/schedule";
const etag = { ETag: "The schedule's revision, for If-Match." };
const preconditions = {
  "If-Match": "The ETag of the version that the change is based on.",
  "If-None-Match": "`*`: only if no schedule exists yet.",
};

export const scheduleRoutes = [
  defineRoute({
    operation: "getSchedule",
    method: "get",
    path,
    tag,
    summary: "The schedule on which a credential is synced automatically.",
    answers: { 200: { description: "Its schedule.", schema: schedule, headers: etag } },
    async handle({ services, subject }) {
      const stored = await services.titan.schedules.find(subject.id);
      if (stored === null) throw notFound();
      return scheduleAnswer(stored, services.clock);
    },
  }),
  defineRoute({
    operation: "saveSchedule",
    method: "put",
    path,
    tag,
    summary: "Creates or replaces a credential's schedule.",
    headers: preconditions,
    body: scheduleInput,
    answers: { 200: { description: "The saved schedule.", schema: schedule, headers: etag } },
    problems: ["CONFLICT", "VERSION_CHANGED"],
    async handle({ services, principal, subject, requestId, header, body }) {
      const expected = expectedRevision(header);
      const options = { ...expected, actor: principal.id, requestId };
      return scheduleAnswer(
        await orVersionChanged(expected, () => services.titan.schedules.save(subject.id, body, options)),
        services.clock,
      );
    },
  }),
  defineRoute({
    operation: "changeSchedules",
    method: "post",
    path: "/schedules",
    tag,
    summary: "Changes the schedules of many credentials, or with `dryRun` says how many would change.",
    body: scheduleChanges,
    answers: { 200: { description: "How many changed.", schema: scheduleChangesResult } },
    async handle({
      services,
      principal,
      subject,
      requestId,
      body: { companyId, environment, changes, dryRun },
    }) {
      const filter = { ...narrowCompanies(subject, companyId), environment };
      const request = { filter, changes, dryRun, actor: principal.id, requestId };
      return {
        status: 200,
        body: { dryRun, ...(await belowChanges(() => services.titan.schedules.changeMany(request))) },
      };
    },
  }),
  defineRoute({
    operation: "removeSchedule",
    method: "delete",
    path,
    tag,
    summary: "Removes a credential's schedule.",
    headers: { "If-Match": preconditions["If-Match"] },
    answers: { 204: { description: "Removed, or there was none." } },
    problems: ["CONFLICT", "VERSION_CHANGED"],
    async handle({ services, principal, subject, requestId, header }) {
      const expected = expectedRevision(header);
      const options = { ...expected, actor: principal.id, requestId };
      await orVersionChanged(expected, () => services.titan.schedules.remove(subject.id, options));
      return { status: 204 };
    },
  }),
];

type Expected = { readonly expectedRevision?: number | null };

function expectedRevision(header: (name: string) => string | undefined): Expected {
  if (header("if-none-match")?.trim() === "*") return { expectedRevision: null };
  const version = expectedVersion(header("if-match"));
  return version === null ? {} : { expectedRevision: version };
}

/** If a revision was required, a conflict means that it has changed. */
async function orVersionChanged<Result>(expected: Expected, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ConflictError && expected.expectedRevision !== undefined) {
      throw new ProblemError("VERSION_CHANGED");
    }
    throw error;
  }
}

/** What is wrong stands in the body's `changes`. */
async function belowChanges<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    const issues = error.issues.map(
      (issue) => `changes.${issue.replace(/^cron, every: /, "cron, changes.every: ")}`,
    );
    throw new ValidationError(error.message, issues);
  }
}

function scheduleAnswer(stored: StoredSchedule, clock: Services["clock"]): Answer {
  const body: z.infer<typeof schedule> = scheduleJson(stored, clock.now());
  return { status: 200, body, headers: { ETag: etagOf(stored.revision) } };
}
