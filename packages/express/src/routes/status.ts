import { type CredentialStatus, isoTime, type StatusSummary, withIsoTimes } from "@titan-sync/core";
import type { z } from "zod";
import { notFound } from "../http/problem.js";
import {
  type CredentialStatusBody,
  credentialStatus,
  pause,
  pauseInput,
  statusPage,
  statusQuery,
  type statusSummary,
} from "../schemas/status.js";
import { narrowCompanies } from "./narrow-companies.js";
import { defineRoute } from "./route.js";

const tag = "Status";

export const statusRoutes = [
  defineRoute({
    operation: "listStatus",
    method: "get",
    path: "/status",
    tag,
    summary: "How credentials stand, the stalest first.",
    query: statusQuery,
    answers: { 200: { description: "One page of credentials.", schema: statusPage } },
    async handle({ services, subject, query: { companyId, environment, state, limit, cursor } }) {
      const states = state === undefined ? undefined : [state];
      const filter = { ...narrowCompanies(subject, companyId), environment, states };
      const page = await services.titan.status.list(filter, { limit, cursor });
      return { status: 200, body: { items: page.items.map(statusBody), next: page.next } };
    },
  }),
  defineRoute({
    operation: "getCredentialStatus",
    method: "get",
    path: "/credentials/{credentialId}/status",
    tag,
    summary: "How a credential stands: its state, how fresh its data is, and what runs.",
    answers: { 200: { description: "Its status.", schema: credentialStatus } },
    async handle({ services, subject }) {
      const status = await services.titan.status.find(subject.id);
      if (status === null) throw notFound();
      return { status: 200, body: statusBody(status) };
    },
  }),
  defineRoute({
    operation: "pauseCredential",
    method: "put",
    path: "/credentials/{credentialId}/pause",
    tag,
    summary: "Keeps a credential from being synced automatically. It can still be synced on request.",
    body: pauseInput,
    answers: { 200: { description: "The pause.", schema: pause } },
    async handle({ services, principal, subject, requestId, body: { reason, until } }) {
      const ends = until === undefined ? null : Date.parse(until);
      const request = { reason, until: ends, actor: principal.id, requestId };
      const begun = await services.titan.credentials.pause(subject.id, request);
      return { status: 200, body: withIsoTimes(begun, ["at", "until"]) };
    },
  }),
  defineRoute({
    operation: "resumeCredential",
    method: "delete",
    path: "/credentials/{credentialId}/pause",
    tag,
    summary: "Ends a credential's pause.",
    answers: { 204: { description: "It is not paused any longer." } },
    async handle({ services, principal, subject, requestId }) {
      await services.titan.credentials.resume(subject.id, { actor: principal.id, requestId });
      return { status: 204 };
    },
  }),
];

export function statusBody(status: CredentialStatus): CredentialStatusBody {
  const { freshAsOf, missing, pause: current, running, last, lastGood, ...rest } = status;
  return {
    ...withIsoTimes(rest, ["nextRunAt", "failingSince", "degradedSince"]),
    freshAsOf: Object.fromEntries(Object.entries(freshAsOf).map(([data, time]) => [data, isoTime(time)])),
    missing: Object.fromEntries(Object.entries(missing).map(([data, feeds]) => [data, [...feeds]])),
    pause: current === null ? null : withIsoTimes(current, ["at", "until"]),
    running: running === null ? null : withIsoTimes(running, ["startedAt", "lastBeatAt"]),
    last: last === null ? null : withIsoTimes(last, ["startedAt", "endedAt"]),
    lastGood: lastGood === null ? null : withIsoTimes(lastGood, ["startedAt", "endedAt"]),
  };
}

export function summaryBody(summary: StatusSummary): z.infer<typeof statusSummary> {
  return { ...withIsoTimes(summary, ["oldestFreshAsOf"]), states: { ...summary.states } };
}
