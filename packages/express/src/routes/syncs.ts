import { isoTime, type StoredRun } from "@titan-sync/core";
import { queuedRun, runBody } from "../runs/run-body.js";
import {
  cancelled,
  historyQuery,
  metrics,
  metricsQuery,
  run,
  runPage,
  syncStatus,
  trigger,
  triggered,
} from "../schemas/run.js";
import { cancelSync } from "./cancel-sync.js";
import { defineRoute } from "./route.js";
import { startSync } from "./start-sync.js";

const tag = "Syncs";

export const triggerAnswer = {
  202: {
    description: "The sync is running or queued.",
    schema: triggered,
    headers: { Location: "The URL of the run." },
  },
};

export const idempotencyKey = {
  "Idempotency-Key": "A unique key that makes a repeated request start nothing new.",
};

/** The metrics of a credential that has synced every few minutes for years would take seconds. */
const metricsPeriodMs = 30 * 24 * 60 * 60 * 1000;

export const syncRoutes = [
  defineRoute({
    operation: "triggerSync",
    method: "post",
    path: "/credentials/{credentialId}/sync",
    tag,
    summary: "Starts a sync, or continues a dead or paused one with the same parameters.",
    headers: idempotencyKey,
    body: trigger,
    limit: "trigger",
    answers: triggerAnswer,
    problems: ["CONFLICT", "KEY_REUSED", "NOT_CONFIGURED", "UNAVAILABLE"],
    handle: async (call) => await startSync(call, { ...call.body, replay: false }),
  }),
  defineRoute({
    operation: "getSyncStatus",
    method: "get",
    path: "/credentials/{credentialId}/sync/status",
    tag,
    summary: "The current, the latest and the last completed sync of a credential.",
    answers: { 200: { description: "The sync status.", schema: syncStatus } },
    async handle({ services: { titan, dispatcher }, subject }) {
      const { id: credentialId, companyId } = subject;
      const newest = async (status?: "completed"): Promise<StoredRun | null> => {
        const page = await titan.runs.list({ companyId, credentialId, status }, { limit: 1 });
        return page.items[0] ?? null;
      };
      const [queued, current, last, lastCompleted] = await Promise.all([
        dispatcher.findQueued?.({ credentialId }) ?? null,
        titan.runs.findCurrent(credentialId),
        newest(),
        newest("completed"),
      ]);
      const shown = (stored: StoredRun | null) => (stored === null ? null : runBody(stored));
      return {
        status: 200,
        body: {
          credentialId,
          current: shown(current ?? (queued === null ? null : queuedRun(queued, subject))),
          last: shown(last),
          lastCompleted: shown(lastCompleted),
        },
      };
    },
  }),
  defineRoute({
    operation: "listSyncHistory",
    method: "get",
    path: "/credentials/{credentialId}/sync/history",
    tag,
    summary: "Syncs of a credential, newest first.",
    query: historyQuery,
    answers: { 200: { description: "One page.", schema: runPage } },
    async handle({ services, subject: { id: credentialId, companyId }, query }) {
      const { limit, cursor, ...filter } = query;
      const page = await services.titan.runs.list({ companyId, credentialId, ...filter }, { limit, cursor });
      return { status: 200, body: { items: page.items.map((run) => runBody(run)), next: page.next } };
    },
  }),
  defineRoute({
    operation: "getSyncMetrics",
    method: "get",
    path: "/credentials/{credentialId}/sync/metrics",
    tag,
    summary: "How the syncs of a credential performed; by default over the last 30 days.",
    query: metricsQuery,
    answers: { 200: { description: "Metrics of the syncs that have ended.", schema: metrics } },
    async handle({ services, subject: { id: credentialId, companyId }, query }) {
      const to = query.to ?? services.clock.now();
      const from = query.from ?? to - metricsPeriodMs;
      const measured = await services.titan.runs.metrics({
        companyId,
        credentialId,
        ...query,
        from,
        to,
      });
      return { status: 200, body: { credentialId, from: isoTime(from), to: isoTime(to), ...measured } };
    },
  }),
  defineRoute({
    operation: "cancelSync",
    method: "delete",
    path: "/credentials/{credentialId}/sync/current",
    tag,
    summary:
      "Cancels the sync in progress, or else the dry run, or else the paused sync. The next sync continues from there.",
    limit: "trigger",
    answers: {
      200: { description: "The sync has stopped.", schema: cancelled },
      202: { description: "The process that runs the sync was asked to stop.", schema: cancelled },
    },
    problems: ["CONFLICT"],
    handle: async (call) => await cancelSync(call),
  }),
  defineRoute({
    operation: "getSync",
    method: "get",
    path: "/syncs/{runId}",
    tag,
    summary: "One sync.",
    answers: { 200: { description: "The sync.", schema: run } },
    async handle({ services, principal, subject: run }) {
      const dry = services.dryRuns.find(run.id);
      if (dry === null) return { status: 200, body: runBody(run) };
      const { companyId } = run.scope;
      const question = { principal, companyId, permission: "admin", operation: "getSync" } as const;
      const showsDiff = await services.authorizer.isAllowed(question);
      return { status: 200, body: runBody(run, { diff: showsDiff ? dry.diff : null }) };
    },
  }),
];
