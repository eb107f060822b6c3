import { withIsoTimes } from "@titan-sync/core";
import { dismissal, dismissed, rejectionPage, rejectionQuery, replay } from "../schemas/quality.js";
import { trigger } from "../schemas/run.js";
import { defineRoute } from "./route.js";
import { startSync } from "./start-sync.js";
import { idempotencyKey, triggerAnswer } from "./syncs.js";

const tag = "Quality";

export const qualityRoutes = [
  defineRoute({
    operation: "listRejections",
    method: "get",
    path: "/credentials/{credentialId}/rejections",
    tag,
    summary: "Rejected rows and records, with the reason and the original row; most recently seen first.",
    query: rejectionQuery,
    answers: { 200: { description: "One page.", schema: rejectionPage } },
    async handle({ services, principal, subject, query: { stage, limit, cursor } }) {
      const { id: credentialId, companyId } = subject;
      const question = { principal, companyId, permission: "admin", operation: "listRejections" } as const;
      const showsPayload = await services.authorizer.isAllowed(question);
      const page = await services.titan.rejections.list(
        { companyId, credentialId, stage },
        { limit, cursor },
      );
      const items = page.items.map(({ scope: _scope, ...rejection }) => ({
        ...withIsoTimes(rejection, ["firstSeenAt", "lastSeenAt"]),
        payload: showsPayload ? rejection.payload : null,
      }));
      return { status: 200, body: { items, next: page.next } };
    },
  }),
  defineRoute({
    operation: "replayRejections",
    method: "post",
    path: "/credentials/{credentialId}/rejections/replay",
    tag,
    summary:
      "Checks and derives rejected rows and records again, without calling ServiceTitan; for instance after a change of rules.",
    headers: idempotencyKey,
    body: replay,
    limit: "trigger",
    answers: triggerAnswer,
    problems: ["CONFLICT", "KEY_REUSED", "NOT_CONFIGURED", "UNAVAILABLE"],
    handle: async (call) => await startSync(call, { ...trigger.parse({}), replay: true }),
  }),
  defineRoute({
    operation: "dismissRejections",
    method: "post",
    path: "/credentials/{credentialId}/rejections/dismiss",
    tag,
    summary:
      "Closes rejections that will never be fixed and deletes their original rows. Recorded in the audit log.",
    body: dismissal,
    answers: { 200: { description: "The closed rejections.", schema: dismissed } },
    async handle({ services, principal, subject, requestId, body: { ids, reason } }) {
      const { id: credentialId, companyId } = subject;
      const actor = principal.id;
      const closed = await services.titan.rejections.dismiss({
        companyId,
        credentialId,
        ids,
        reason,
        actor,
        requestId,
      });
      return { status: 200, body: { dismissed: closed.map((rejection) => rejection.id) } };
    },
  }),
];
